/** All that an official client did and saw, and waiting for more of it; for Node and browser alike. */
import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { type ConnectionMoment, describeFrame, type Frame } from './frame.ts';
import type { LoggedLine, Report, SdkEvent, SdkPackage } from './message.ts';
import type { Witness } from './witness.ts';

/** How a client is made. */
export interface SdkClientOptions {
  /** default: `@tencentcloud/chat` */
  readonly package?: SdkPackage;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly sdkAppId: number;
  /** default: `/binfo`; true: `/info` */
  readonly devMode?: boolean;
  /** stands in what is printed when the test fails */
  readonly label?: string;
}

/** Members of a profile as the SDK shows them. */
export type SdkProfile = Readonly<Record<string, unknown>> & { readonly userID: string };

/** Success that the SDK logs as a warning. */
const HARMLESS = [/SDK is ready\. cost \d+ ms/, /destroy \d+/];

const SHOWN_FRAMES = 60;
const SHOWN_LINES = 15;

/**
 * While its server is away, tim-js-sdk may want to send its telemetry over HTTP to the vendor instead. Nothing gets out: requests are
 * recorded and refused.
 */
const TIM_TELEMETRY = /^(?:XMLHttpRequest )?POST https:\/\/[a-z.]+\/v4\/imopenstat\/tim_web_report_v2\?/;

/** One client; how it is spoken to is for the classes that extend this one. */
export abstract class RecordedClient implements Witness {
  readonly events: SdkEvent[] = [];
  readonly frames: Frame[] = [];
  /** frames, and when sockets opened and closed */
  readonly traffic: (Frame | ConnectionMoment)[] = [];
  readonly lines: LoggedLine[] = [];
  readonly violations: string[] = [];
  readonly uncaught: string[] = [];
  readonly options: SdkClientOptions;
  readonly #startedAtMs = Date.now();
  readonly #allowed: RegExp[] = [...HARMLESS];
  readonly #allowedUncaught: RegExp[] = [];
  /** by event name: how many `untilEvent` has been through */
  readonly #taken = new Map<string, number>();

  constructor(options: SdkClientOptions) {
    this.options = options;
  }

  /** Call a method of the SDK. @throws SdkError with its code */
  // biome-ignore lint/suspicious/noExplicitAny: results are the SDK's; tests look into them
  abstract call(method: string, ...args: readonly unknown[]): Promise<any>;

  /** `login()`, and wait for SDK_READY. @returns the data of the login */
  async login(userId: string, userSig: string): Promise<Record<string, unknown>> {
    const { data } = await this.call('login', { userID: userId, userSig });
    await this.untilEvent('SDK_READY');
    return data;
  }

  /** `updateMyProfile()`. @returns own profile after it */
  async update(fields: object): Promise<SdkProfile> {
    return (await this.call('updateMyProfile', fields)).data;
  }

  async myProfile(): Promise<SdkProfile> {
    return (await this.call('getMyProfile')).data;
  }

  async profiles(...userIds: readonly string[]): Promise<readonly SdkProfile[]> {
    return (await this.call('getUserProfile', { userIDList: userIds })).data;
  }

  /** Warnings and errors that the SDK logged, but for what says success. */
  get warnings(): readonly string[] {
    return this.lines
      .filter(({ level, text }) => /^(warn|error)/.test(level) && !HARMLESS.some((one) => one.test(text)))
      .map(({ text }) => text);
  }

  eventsOf(name: string): readonly SdkEvent[] {
    return this.events.filter((event) => event.name === name);
  }

  sent(servcmd?: string): readonly Frame[] {
    return this.#framesOf('sent', servcmd);
  }

  received(servcmd?: string): readonly Frame[] {
    return this.#framesOf('received', servcmd);
  }

  /**
   * Wait for an event that was not waited for before. It is taken, with all of its name that came before it.
   *
   * @param name  key in TencentCloudChat.EVENT
   */
  async untilEvent(
    name: string,
    where: (data: SdkEvent['data']) => boolean = () => true,
    withinMs = 15_000,
  ): Promise<SdkEvent> {
    const fresh = (): readonly SdkEvent[] => this.eventsOf(name).slice(this.#taken.get(name) ?? 0);
    const what = (): string => `${name}; ${JSON.stringify(fresh())} came`;
    const found = await until(() => fresh().find(({ data }) => where(data)), { what, withinMs });
    this.#taken.set(name, this.eventsOf(name).indexOf(found) + 1);
    return found;
  }

  /** Wait for PROFILE_UPDATED with these members of this user. @returns the user's profile in it */
  async untilUpdated(userId: string, members: object, withinMs?: number): Promise<SdkProfile> {
    const isMeant = (profile: SdkProfile): boolean =>
      profile.userID === userId && Object.entries(members).every(([name, value]) => profile[name] === value);
    const { data } = await this.untilEvent('PROFILE_UPDATED', (profiles) => profiles.some(isMeant), withinMs);
    return data.find(isMeant);
  }

  /** Wait until so many frames of a command have come. @returns all of them */
  async untilReceived(servcmd: string, count = 1, withinMs = 15_000): Promise<readonly Frame[]> {
    const what = (): string => `${count} × ${servcmd}, ${this.received(servcmd).length} came`;
    return await until(() => this.received(servcmd).length >= count && this.received(servcmd), { what, withinMs });
  }

  /** This test makes the SDK log such warnings or errors. */
  allowWarning(...patterns: readonly RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  /** This test makes the SDK leave such exceptions to nobody. */
  allowUncaught(...patterns: readonly RegExp[]): void {
    this.#allowedUncaught.push(...patterns);
  }

  assertClean(): void {
    const isKnown = this.options.package === 'tim-js-sdk' ? [TIM_TELEMETRY] : [];
    assert.deepEqual(without(this.violations, isKnown), [], 'speaks to nobody but the server');
    assert.deepEqual(without(this.uncaught, this.#allowedUncaught), [], 'no exception is left uncaught');
    assert.deepEqual(without(this.warnings, this.#allowed), [], 'the SDK logs no unexpected warning');
  }

  describe(): string {
    const { label = 'client', package: name = '@tencentcloud/chat' } = this.options;
    const since = (atMs: number): string => `${atMs - this.#startedAtMs} ms`;
    return [
      `--- ${label} (${name}), last of ${this.frames.length} frames:`,
      ...this.traffic.slice(-SHOWN_FRAMES).map((frame) => describeFrame(frame, this.#startedAtMs)),
      ...titled(
        'events',
        this.events.map(({ name, data, atMs }) => `${since(atMs)} ${name} ${JSON.stringify(data)}`),
      ),
      ...titled(
        'logged',
        this.lines.slice(-SHOWN_LINES).map(({ level, text, atMs }) => `${since(atMs)} ${level} ${text}`),
      ),
      ...titled('warnings', this.warnings),
      ...titled('uncaught', this.uncaught),
      ...titled('violations', this.violations),
    ].join('\n');
  }

  protected keep(report: Report): void {
    if (report.kind === 'event') this.events.push(report.event);
    if (report.kind === 'line') this.lines.push(report.line);
    if (report.kind === 'uncaught') this.uncaught.push(report.text);
    if (report.kind === 'violation') this.violations.push(report.text);
    if (report.kind !== 'frame') return;
    const { frame } = report;
    this.traffic.push(frame);
    if (frame.kind === 'sent' || frame.kind === 'received') this.frames.push(frame);
  }

  #framesOf(kind: Frame['kind'], servcmd?: string): readonly Frame[] {
    return this.frames.filter((frame) => frame.kind === kind && (servcmd === undefined || frame.servcmd === servcmd));
  }
}

function without(lines: readonly string[], allowed: readonly RegExp[]): readonly string[] {
  return lines.filter((line) => !allowed.some((pattern) => pattern.test(line)));
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line.slice(0, 300)}`)];
}
