import type { TlsIdentity } from '../kernel/ports.ts'

/** Beyond the longest run, and short enough that a forgotten key is soon worth nothing. */
const VALID_DAYS = 7
/** Certificates count from a little earlier, for clocks that differ. */
const EARLIER_MS = 5 * 60_000
const DAY_MS = 86_400_000
const KEYS = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

export interface CertificateWish {
  readonly commonName: string
  readonly use: 'server' | 'client'
  /** Default: valid now and for a week. */
  readonly validity?: { readonly from: Date; readonly until: Date }
  /** Default: this machine by its names and addresses. */
  readonly altNames?: { readonly names: readonly string[]; readonly addresses: readonly string[] }
}

const THIS_MACHINE = { names: ['localhost'], addresses: ['127.0.0.1', '::1'] }

/**
 * An authority for one run: it signs throw-away certificates with EC keys (P-256), and its own key is never written
 * anywhere. Subjects read `CN=<name>,O=zktune`.
 */
export class CertificateAuthority {
  /** Its certificate, as PEM: what both sides trust. */
  readonly certificatePem: string
  readonly #keyPem: string

  private constructor(certificatePem: string, keyPem: string) {
    this.certificatePem = certificatePem
    this.#keyPem = keyPem
  }

  static async make(commonName: string): Promise<CertificateAuthority> {
    const { generate } = await import('selfsigned')
    const { cert, private: key } = await generate(subject(commonName), {
      ...KEYS,
      ...dates(null),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    })
    return new CertificateAuthority(asText(cert), asText(key))
  }

  /** @returns a new key, and its certificate without that of the authority */
  async issue(wish: CertificateWish): Promise<TlsIdentity> {
    // Slow to load, and most runs have no use for it.
    const { generate } = await import('selfsigned')
    const { names, addresses } = wish.altNames ?? THIS_MACHINE
    const { cert, private: key } = await generate(subject(wish.commonName), {
      ...KEYS,
      ...dates(wish.validity ?? null),
      ca: { key: this.#keyPem, cert: this.certificatePem },
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: wish.use === 'server', clientAuth: wish.use === 'client' },
        {
          name: 'subjectAltName',
          altNames: [
            ...names.map((value) => ({ type: 2, value }) as const),
            ...addresses.map((ip) => ({ type: 7, ip }) as const),
          ],
        },
      ],
    })
    return { keyPem: asText(key), chainPem: asText(cert) }
  }
}

function subject(commonName: string): { readonly name: string; readonly value: string }[] {
  return [
    { name: 'organizationName', value: 'zktune' },
    { name: 'commonName', value: commonName },
  ]
}

function dates(validity: CertificateWish['validity'] | null): { notBeforeDate: Date; notAfterDate: Date } {
  const nowMs = Date.now()
  return {
    notBeforeDate: validity?.from ?? new Date(nowMs - EARLIER_MS),
    notAfterDate: validity?.until ?? new Date(nowMs + VALID_DAYS * DAY_MS),
  }
}

/** With Unix line ends, and one at the end, so that two can stand in one file. */
function asText(pem: string): string {
  return `${pem.replaceAll('\r\n', '\n').trim()}\n`
}
