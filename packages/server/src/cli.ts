/** The program `portrait`: finds the command, loads its code only, and turns what it throws into exit codes. */
import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { newCommand } from './commands/command-line.ts';
import { Failure } from './commands/failure.ts';
import { UsageError } from './config.ts';

type Load = () => Promise<(summary: string) => Command>;

const COMMANDS: readonly (readonly [name: string, summary: string, load: Load])[] = [
  ['serve', 'run the server', async () => (await import('./commands/serve.ts')).serve],
  [
    'app',
    'apps: SDKAppID, secret key, administrators, custom fields',
    async () => (await import('./commands/app.ts')).app,
  ],
  ['endpoint', "where an app's callbacks go", async () => (await import('./commands/endpoint.ts')).endpoint],
  ['usersig', 'print a UserSig for a user of an app', async () => (await import('./commands/usersig.ts')).usersig],
  [
    'profile',
    'read or change a profile as an administrator',
    async () => (await import('./commands/profile.ts')).profile,
  ],
  [
    'listen',
    'receive callbacks here, verify and print them',
    async () => (await import('./commands/listen.ts')).listen,
  ],
  ['deliveries', 'the delivery log', async () => (await import('./commands/deliveries.ts')).deliveries],
];

const HELP_TAIL = `
Start here:
  portrait serve                           a server; the first start prints what to do next
  portrait help serve                      its settings
  portrait help app create                 any command's arguments, options and examples

Each option can be set by the environment, --some-flag as PORTRAIT_SOME_FLAG, and those of serve, --server and --app by
portrait.config.json in the working directory too, as "someFlag". An option wins over the environment, the environment
over the file.`;

/**
 * Run a command line.
 *
 * @param words  what stands behind `portrait`
 * @returns exit code: 0 done, 1 could not be done, 2 wrong usage
 */
export async function main(words: readonly string[]): Promise<number> {
  endWithReader();
  try {
    const args = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
    const program = await createProgram(args[0]);
    if (words[0] === 'help') checkPath(program, words.slice(1));
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

/** @returns all commands, of which only the one that is meant is loaded */
async function createProgram(chosen: string | undefined): Promise<Command> {
  const program = newCommand('portrait', {
    summary: 'Self-hosted profile server for chat apps, with callbacks that arrive.',
  })
    .version(readVersion(), '-V, --version', 'print the version')
    .usage('<command>')
    .addHelpText('after', HELP_TAIL);
  for (const [name, summary, load] of COMMANDS) {
    program.addCommand(name === chosen ? (await load())(summary) : newCommand(name, { summary }));
  }
  return program.addCommand(newCommand('help', { summary: 'explain a command' }).argument('[command...]'));
}

/** @throws UsageError `portrait help` of something that there isn't */
function checkPath(program: Command, names: readonly string[]): void {
  let at = program;
  for (const name of names) {
    const next = at.commands.find((command) => command.name() === name);
    if (next === undefined) {
      const known = at.commands.map((command) => command.name()).join(', ');
      throw new UsageError(`There is no command "${names.join(' ')}"; portrait help takes one of ${known}.`);
    }
    at = next;
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (!(error instanceof UsageError || error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** `portrait … | head`: when nobody reads on, there is nothing left to do. A server overrides this. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.stdout.listenerCount('error') === 1) process.exit(0);
  });
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
