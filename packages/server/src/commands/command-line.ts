/** How commands and options are made: with help that teaches, and one sentence for what was typed wrongly. */
import { Command, type CommanderError, Option } from 'commander';
import { envName, type OptionText, UsageError } from '../config.ts';
import { parseDuration, parseWhole } from '../parse-setting.ts';

/** What the value of an option must be. */
export interface Check<T> {
  /** end of the sentence "--option takes …" */
  readonly expects: string;
  /** @returns undefined if the text is not what is expected */
  readonly parse: (raw: string) => T | undefined;
}

/** What help says of a command. */
export interface CommandTexts {
  readonly summary: string;
  readonly note?: string;
  readonly examples?: readonly string[];
}

/**
 * Make a command.
 *
 * @param texts.summary   one line, for the list of commands and the head of its help
 * @param texts.note      what help says beyond arguments and options
 * @param texts.examples  lines to copy, shown at the end of its help
 */
export function newCommand(name: string, { summary, note, examples = [] }: CommandTexts): Command {
  const command = new Command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    // faults are told by the caller of parse, as one sentence
    .configureOutput({ writeErr: () => undefined })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : toUsageError(command, error);
    });
  if (note !== undefined) command.addHelpText('after', `\n${note}`);
  if (examples.length > 0) command.addHelpText('after', ['\nExamples:', ...examples].join('\n  '));
  return command;
}

/** Make a command that only holds others. */
export function newGroup(name: string, summary: string, commands: readonly Command[]): Command {
  const group = newCommand(name, { summary, note: `More of each: portrait help ${name} <command>` }).usage('<command>');
  for (const command of commands) group.addCommand(command);
  return group;
}

/** @returns all words of a command: `portrait app create` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** The sentence for each fault that commander finds; its own message names what was typed between quotes. */
function toUsageError(command: Command, { code, message }: CommanderError): UsageError {
  const path = pathOf(command);
  const usage = `"${command.createHelp().commandUsage(command)}"`;
  const commands = command.commands.map((one) => one.name()).join(', ');
  const [typed = ''] = /(?<=')[^']*(?=')/.exec(message) ?? [];
  const [, hint] = /\((Did you mean .*)\)/.exec(message) ?? [];
  const meant = hint === undefined ? '' : ` (d${hint.slice(1)})`;
  switch (code) {
    case 'commander.help':
      return new UsageError(`${path} takes one of ${commands}.`);
    case 'commander.unknownCommand':
      return new UsageError(`${path} has no command ${typed}${meant}, it takes one of ${commands}.`);
    case 'commander.unknownOption':
      return new UsageError(`${path} has no option ${typed}${meant}, expected ${usage}.`);
    case 'commander.optionMissingArgument':
      return new UsageError(`Expected a value behind ${typed}.`);
    case 'commander.missingArgument':
      return new UsageError(`Expected ${usage}, and <${typed}> is missing.`);
    case 'commander.excessArguments':
      return new UsageError(`Expected ${usage}, got too many words: ${command.args.join(' ')}.`);
    default:
      return new UsageError(message.replace(/^error: /, ''));
  }
}

/**
 * Make an option that the environment can set too: `--some-flag` is `PORTRAIT_SOME_FLAG`. An empty variable counts as
 * none; of a switch also `0` and `false`.
 */
export function option(flags: string, help: string): Option {
  const made = new Option(flags, help);
  const variable = envName(made.name().replaceAll('-', '_'));
  const value = process.env[variable] ?? '';
  const isOff = made.isBoolean() || made.negate ? /^(0|false)?$/.test(value) : value === '';
  return isOff ? made : made.env(variable);
}

/** An option that only the command line sets: for changes, which nobody wants from a variable that was left over. */
export function withoutEnvironment(made: Option): Option {
  delete made.envVar;
  return made;
}

/** Make an option whose value is checked. */
export function checkedOption<T>(flags: string, help: string, check: Check<T>): Option {
  const made = option(flags, help);
  return made.argParser((raw) => parseValue(made.long ?? flags, raw, check));
}

/** Make a checked option that can be given several times; its value is a list. */
export function repeatedOption<T>(flags: string, help: string, check: Check<T>): Option {
  const made = option(flags, help);
  return made.argParser((raw: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    parseValue(made.long ?? flags, raw, check),
  ]);
}

/** @throws UsageError  `name` takes …, not … */
export function parseValue<T>(name: string, raw: string, { parse, expects }: Check<T>): T {
  const value = parse(raw);
  if (value !== undefined) return value;
  throw new UsageError(`${name} takes ${expects}, not ${JSON.stringify(raw)}.`);
}

export const anyText: Check<string> = { expects: 'a text', parse: (raw) => raw };

/** A whole number in decimal digits. */
export function wholeNumber(min: number, max: number): Check<number> {
  return { expects: `a whole number from ${min} to ${max}`, parse: (raw) => parseWhole(raw, { min, max }) };
}

/** A duration such as `500ms`, `3s`, `2m`, `12h` or `7d`, in milliseconds. */
export function duration(min: string, max: string): Check<number> {
  const range = { minMs: parseLimit(min), maxMs: parseLimit(max) };
  return { expects: `a duration from ${min} to ${max}, such as 3s`, parse: (raw) => parseDuration(raw, range) };
}

function parseLimit(text: string): number {
  return parseDuration(text, { minMs: 0, maxMs: Number.MAX_SAFE_INTEGER }) ?? Number.NaN;
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Check<W> {
  return { expects: `one of ${words.join(', ')}`, parse: (raw) => words.find((word) => word === raw) };
}

/** An http or https address. */
export const webAddress: Check<string> = {
  expects: 'an address like http://127.0.0.1:9000/callback',
  parse: (raw) => (/^https?:$/.test(URL.parse(raw)?.protocol ?? '') ? raw : undefined),
};

/** Add options that config.ts reads, in the environment and the file too. */
export function addSettings(command: Command, settings: readonly OptionText[], group?: string): Command {
  for (const { flags, help } of settings) {
    const made = new Option(flags, help);
    command.addOption(group === undefined ? made : made.helpGroup(group));
  }
  return command;
}
