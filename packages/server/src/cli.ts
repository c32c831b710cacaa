/** The program `portrait`: finds the command, loads its code only, and turns what it throws into exit codes. */
import { type Command, CommanderError } from 'commander';
import { newCommand, pathOf } from './commands/command-line.ts';
import { Failure } from './commands/failure.ts';
import { printable } from './commands/output.ts';
import { UsageError } from './config.ts';
import { VERSION } from './version.ts';

type Load = () => Promise<(summary: string) => Command>;

const COMMANDS: readonly (readonly [name: string, summary: string, load: Load])[] = [
  ['serve', 'run the server', async () => (await import('./commands/serve.ts')).serve],
  ['demo', 'show the whole thing working, in one process', async () => (await import('./commands/demo.ts')).demo],
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
  [
    'trigger',
    'send sample callbacks to any URL and judge what is answered',
    async () => (await import('./commands/trigger.ts')).trigger,
  ],
  ['changes', 'every change of a profile, in order', async () => (await import('./commands/changes.ts')).changes],
  ['deliveries', 'the delivery log', async () => (await import('./commands/deliveries.ts')).deliveries],
  [
    'doctor',
    'check settings, store, clock, server and callback URLs, and say what to do',
    async () => (await import('./commands/doctor.ts')).doctor,
  ],
  ['backup', 'copy the store to a file', async () => (await import('./commands/backup.ts')).backup],
  [
    'migrate-store',
    'move an embedded store to PostgreSQL',
    async () => (await import('./commands/migrate-store.ts')).migrateStore,
  ],
];

const HELP_TAIL = `
Start here:
  portrait demo               see it work, in five seconds and without a trace
  portrait serve              a server; its first start prints what to do next
  portrait help serve         its settings
  portrait help app create    arguments, options and examples of any command

The environment can set each option: --some-flag is PORTRAIT_SOME_FLAG (but not
what an update command changes). portrait.config.json in the working directory
can set those of serve, and --server and --app: "someFlag". An option wins over
the environment, the environment over the file.

Exit codes: 0 done, 1 could not be done, 2 wrong usage.`;

/**
 * Run a command line.
 *
 * @param words  what stands behind `portrait`
 * @returns exit code: 0 done, 1 could not be done, 2 wrong usage
 */
export async function main(words: readonly string[]): Promise<number> {
  // a server goes on without its terminal, and sees to it itself
  if (words[0] !== 'serve') endWithReader();
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
    summary: 'Self-hosted profile server for chat apps, with callbacks that arrive',
  })
    .version(VERSION, '-V, --version', 'print the version')
    .usage('<command>')
    .addHelpText('after', HELP_TAIL);
  for (const [name, summary, load] of COMMANDS) {
    program.addCommand(name === chosen ? (await load())(summary) : newCommand(name, { summary }));
  }
  return program.addCommand(newCommand('help', { summary: 'explain a command' }).argument('[command...]'));
}

/** @throws UsageError `portrait help` of something that there isn't */
function checkPath(program: Command, words: readonly string[]): void {
  let at = program;
  for (const word of words.filter((one) => !one.startsWith('-'))) {
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) {
      const known =
        at.commands.length === 0 ? 'nothing more' : `one of ${at.commands.map((command) => command.name()).join(', ')}`;
      throw new UsageError(
        `There is no help on "${word}"; ${pathOf(at).replace('portrait', 'portrait help')} takes ${known}.`,
      );
    }
    at = next;
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (!(error instanceof UsageError || error instanceof Failure)) throw error;
  for (const line of error.message.split('\n')) process.stderr.write(`${printable(line)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** `portrait … | head`: when nobody reads on, there is nothing left to do. */
function endWithReader(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`The output can not be written: ${message}\n`);
    process.exit(code === 'EPIPE' ? 0 : 1);
  });
}
