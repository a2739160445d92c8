/** What commander leaves of a command's options: texts by commander's camel-cased names. */
export type OptionTexts = Record<string, string | boolean | undefined>

/** An option as commander takes it: its flags ("--port <P>") and what --help says of it. */
export type CommandOption = readonly [flags: string, description: string]

/** The option of every command that prints the contract's document. */
export const JSON_OPTION: CommandOption = ['--json', 'print one JSON document']

/** One command of the command line. A new one is a file in commands/ and its line in commands/index.ts. */
export interface CliCommand {
  /** With its arguments: "use <path>". */
  name: string
  description: string
  options: readonly CommandOption[]
  /**
   * Prints the result on standard output and progress on standard error.
   * @param given the arguments that `name` names
   * @returns the exit code, or nothing for 0
   * @throws InputError for bad input (exit code 2); any other error is exit code 1
   */
  run(options: OptionTexts, ...given: string[]): ExitCode | Promise<ExitCode>
}

/** Several commands under one name: `runtime status`, `queue add train`. */
export interface CliGroup {
  name: string
  description: string
  commands: readonly (CliCommand | CliGroup)[]
}

type ExitCode = number | void
