/** Why a setting means nothing to the built-in engine, whatever is built yet. */
export type NotApplicableWhy =
  | 'apache-internal' // sizes or steers a part of Apache that the engine does not have
  | 'netty' // a Java network library
  | 'jvm' // a Java class or a part of the Java runtime
  | 'no-effect' // does nothing in zoo.cfg
  | 'client-side' // read by clients, not by servers
  | 'by-design' // the engine leaves it out on purpose

/** What the built-in engine makes of one setting. Each text goes on after the key and a colon, without a full stop. */
export type Verdict =
  | { readonly key: string; readonly kind: 'honoured'; readonly how: string }
  | {
      readonly key: string
      readonly kind: 'not-applicable'
      readonly why: NotApplicableWhy
      readonly reason: string
    }
  /** `instead`: how the engine behaves as long as it takes no notice of the setting. */
  | { readonly key: string; readonly kind: 'not-yet'; readonly instead: string }

const REASONS: Readonly<Record<NotApplicableWhy, string>> = {
  'apache-internal': "it configures a part of Apache's server that the built-in engine does not have",
  netty: 'it configures Netty, which the built-in engine does not use',
  jvm: 'it configures the Java side, which the built-in engine does not have',
  'no-effect': 'it does nothing in zoo.cfg: Apache reads it as a JVM property only',
  'client-side': 'it is a setting of clients, not of servers',
  'by-design': 'the built-in engine leaves it out on purpose',
}

/** @param how the setting acts: one plain sentence */
export function honoured(key: string, how: string): Verdict {
  return { key, kind: 'honoured', how }
}

/** @param reason when there is more to say than the usual reason of this kind */
export function notApplicable(key: string, why: NotApplicableWhy, reason = REASONS[why]): Verdict {
  return { key, kind: 'not-applicable', why, reason }
}

/** @param instead how the engine behaves as long as it takes no notice of the setting */
export function notYet(key: string, instead: string): Verdict {
  return { key, kind: 'not-yet', instead }
}
