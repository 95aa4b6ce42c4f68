/** Scripts by which shells complete command lines, made from the commands themselves. */
import type { Command } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type CompletedShell = (typeof SHELLS)[number]

/** What may stand behind an option, where that is a word of a known few. */
export type KnownWords = Readonly<Record<string, readonly string[]>>

interface CompletedCommand {
  readonly name: string
  readonly about: string
  readonly options: readonly CompletedOption[]
}

interface CompletedOption {
  /** `--engine` */
  readonly long: string
  readonly about: string
  readonly takesValue: boolean
  /** Empty: anything, or a file. */
  readonly words: readonly string[]
}

/** @param words by the long name of the option */
export function completionScript(shell: CompletedShell, program: Command, words: KnownWords): string {
  const commands = program.commands.map((command) => completedOf(command, program, words))
  switch (shell) {
    case 'bash':
      return bashScript(commands)
    case 'zsh':
      return zshScript(commands)
    case 'fish':
      return fishScript(commands)
  }
}

function completedOf(command: Command, program: Command, words: KnownWords): CompletedCommand {
  const help = { long: '--help', about: 'say more', takesValue: false, words: [] }
  const options = [...command.options, ...program.options].flatMap(({ long, description, required, optional }) => {
    if (typeof long !== 'string') return []
    const takesValue = required || optional
    return [{ long, about: description, takesValue, words: takesValue ? (words[long] ?? []) : [] }]
  })
  return { name: command.name(), about: command.description(), options: [...options, help] }
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options }) => {
    const values = options
      .filter(({ words }) => words.length > 0)
      .map(({ long, words }) => `        ${long}) words="${words.join(' ')}" ;;\n`)
    const taking = options.filter(({ takesValue, words }) => takesValue && words.length === 0).map(({ long }) => long)
    const others = taking.length === 0 ? '' : `        ${taking.join('|')}) return ;;\n`
    return `    ${name})
      case "$previous" in
${values.join('')}${others}        *) words="${options.map(({ long }) => long).join(' ')}" ;;
      esac
      ;;
`
  })
  return `# zktune: completion for bash. Put it where your shell reads it:
#   zktune completion bash > ~/.local/share/bash-completion/completions/zktune
_zktune() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('')}  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) case "$words" in -*) ;; *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;; esac ;;
  esac
}
complete -o default -F _zktune zktune
`
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, about }) => `    '${name}:${zshText(about)}'`)
  const cases = commands.map(({ name, options }) => {
    const specs = options.map(({ long, about, takesValue, words }) => {
      const value = words.length > 0 ? `:value:(${words.join(' ')})` : ':value:_files'
      return `        '*${long}[${zshText(about)}]${takesValue ? value : ''}'`
    })
    return `    ${name})\n      _arguments \\\n${[...specs, "        '*:file:_files'"].join(' \\\n')}\n      ;;\n`
  })
  return `#compdef zktune
# zktune: completion for zsh. Put it into a folder of $fpath:
#   zktune completion zsh > ~/.zfunc/_zktune
_zktune() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('')}  esac
}
_zktune "$@"
`
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, about, options }) => [
    `complete -c zktune -n __fish_use_subcommand -f -a ${name} -d '${fishText(about)}'`,
    ...options.map(({ long, about: what, takesValue, words }) => {
      const value = words.length > 0 ? ` -x -a '${words.join(' ')}'` : takesValue ? ' -r' : ''
      return `complete -c zktune -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}${value} -d '${fishText(what)}'`
    }),
  ])
  return `# zktune: completion for fish. Put it where your shell reads it:
#   zktune completion fish > ~/.config/fish/completions/zktune.fish
${lines.join('\n')}
`
}

/** In single quotes, between brackets. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (each) => `\\${each}`)
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
