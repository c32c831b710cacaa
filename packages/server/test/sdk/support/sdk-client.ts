/** An official client in a Node process of its own. */
import { atEnd, type Owner } from '../../support/live/cleanup.ts';
import { RecordedClient, type SdkClientOptions } from './recorded-client.ts';
import { SdkProcess } from './sdk-process.ts';
import { addWitness } from './witness.ts';

/** Start a client, and `create()` it: its socket is opened, nobody is logged in. Its owner ends it. */
export async function startSdkClient(owner: Owner, options: SdkClientOptions): Promise<SdkClient> {
  const client = new SdkClient(options);
  atEnd(owner, () => client.close());
  addWitness(owner, client);
  await client.create();
  return client;
}

/** One client. */
export class SdkClient extends RecordedClient {
  readonly #process: SdkProcess;

  constructor(options: SdkClientOptions) {
    super(options);
    const { package: name = '@tencentcloud/chat', url } = options;
    this.#process = new SdkProcess({ package: name, port: Number(new URL(url).port) }, (report) => this.keep(report));
  }

  async create(): Promise<void> {
    await this.#process.started;
    await this.#process.ask({ kind: 'create', options: createOptions(this.options) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: results are the SDK's; tests look into them
  override async call(method: string, ...args: readonly unknown[]): Promise<any> {
    return await this.#process.ask({ kind: 'call', method, args });
  }

  close(): Promise<void> {
    return this.#process.end();
  }
}

/** What `create()` takes. */
export function createOptions({ url, sdkAppId, devMode = false }: SdkClientOptions): Readonly<Record<string, unknown>> {
  return { SDKAppID: sdkAppId, proxyServer: url.replace(/^http/, 'ws'), devMode };
}
