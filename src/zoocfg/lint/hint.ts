/** What probably went wrong with a value that is none of its kind: a clause to put behind it, or nothing. */
export function hintOf(value: string): string {
  if (/\s#|^#/.test(value)) return ', for a # behind a value begins no comment'
  if (/\$\{?\w|\{\{|%\w+%|^<\w/.test(value)) return ', with a placeholder that nothing has filled in'
  if (/^(["']).*\1$/.test(value)) return ', for quotes belong to the value'
  if (/^\d+\s*[a-zA-Z%]+$/.test(value)) return ', and a unit is not understood'
  return value === '' ? ', which is empty' : ''
}
