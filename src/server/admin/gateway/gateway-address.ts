/** The request's address without its query. */
export function addressOf(url: URL): string {
  return `${url.origin}${url.pathname}`
}
