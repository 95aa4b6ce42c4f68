/** Lint: what Apache ZooKeeper of one release would make of configuration files, and what is unwise in them. */
import { variableFor } from '../container.ts'
import { isWithin } from '../release.ts'
import type { Release } from '../release.ts'
import type { Checks } from './check.ts'
import { ENSEMBLE_CHECKS } from './checks-ensemble.ts'
import { LOAD_CHECKS } from './checks-load.ts'
import { MEMBER_CHECKS } from './checks-members.ts'
import { PORT_CHECKS } from './checks-ports.ts'
import { SECURITY_CHECKS } from './checks-security.ts'
import { STORAGE_CHECKS } from './checks-storage.ts'
import { TEXT_CHECKS } from './checks-text.ts'
import { TIME_CHECKS } from './checks-time.ts'
import { VALUE_CHECKS } from './checks-values.ts'
import type { Enforcement, LintFinding, RuleText, Severity, Site } from './lint-rule.ts'
import { RULE_TEXTS } from './rule-texts.ts'
import { ServerView } from './server-view.ts'
import type { ServerFiles } from './server-view.ts'

export const RELEASE_DEFAULT: Release = { major: 3, minor: 8 }

const CHECKS: Checks = {
  ...TEXT_CHECKS,
  ...VALUE_CHECKS,
  ...TIME_CHECKS,
  ...MEMBER_CHECKS,
  ...PORT_CHECKS,
  ...STORAGE_CHECKS,
  ...SECURITY_CHECKS,
  ...LOAD_CHECKS,
}

const EFFECTS: Readonly<Record<Enforcement, string>> = {
  'startup-refusal': 'Apache refuses to start',
  'own-refusal': 'The built-in engine refuses to start, and Apache passes the line by',
  'runtime-crash': 'Apache starts and then ends',
  'runtime-failure': 'Apache starts and then does not do its work',
  'warning-log': 'Apache warns in its log',
  silent: 'Apache says nothing',
  advice: 'Apache does as told',
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info']

/**
 * @param servers the files of one ensemble, or of one server of it
 * @returns the worst first within each file, then by line
 */
export function lint(servers: readonly ServerFiles[], release: Release = RELEASE_DEFAULT): readonly LintFinding[] {
  const views = servers.map((files) => new ServerView(files, release))
  const findings: LintFinding[] = []
  for (const rule of RULE_TEXTS as readonly (RuleText & { readonly id: keyof Checks })[]) {
    if (!isWithin(release, rule.releases)) continue
    for (const view of views) {
      for (const site of CHECKS[rule.id]?.(view) ?? []) findings.push(findingOf(rule, site, view))
    }
    for (const { server, site } of ENSEMBLE_CHECKS[rule.id]?.(views) ?? []) {
      findings.push(findingOf(rule, site, server))
    }
  }
  return inOrder(findings, servers)
}

/** The rules that have a check, for tests and for the list of rules in the documentation. */
export function checkedRules(): ReadonlySet<string> {
  return new Set([...Object.keys(CHECKS), ...Object.keys(ENSEMBLE_CHECKS)])
}

function findingOf(rule: RuleText, site: Site, view: ServerView): LintFinding {
  const { made } = view.files
  const says = rule.says === undefined ? '' : `: "${rule.says}"`
  return {
    rule: rule.id,
    severity: rule.severity,
    key: site.key,
    file: site.file ?? view.files.file,
    line: site.entry?.line ?? site.at?.line ?? made?.place.line ?? 1,
    column: site.entry?.column ?? site.at?.column ?? made?.place.column ?? 1,
    message: site.what,
    effect: `${EFFECTS[rule.enforcement]}${says}. ${rule.why}`,
    mend: mendOf(rule, site, view),
    // The lines of a container are made anew at each start: only its variables can be mended.
    fix: site.entry === null || made !== undefined ? null : (site.fix ?? null),
  }
}

function mendOf(rule: RuleText, site: Site, { files }: ServerView): string {
  const mend = site.mend ?? rule.mend
  if (files.made === undefined || site.key === null) return mend
  return `${mend} The image takes ${site.key} from ${variableFor(site.key)}.`
}

function inOrder(findings: readonly LintFinding[], servers: readonly ServerFiles[]): readonly LintFinding[] {
  const fileOrder = new Map(servers.map(({ file }, index) => [file, index]))
  const orderOf = ({ file }: LintFinding): number => fileOrder.get(file) ?? servers.length
  return [...findings].sort(
    (one, other) =>
      orderOf(one) - orderOf(other) ||
      SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
      one.line - other.line ||
      one.column - other.column,
  )
}
