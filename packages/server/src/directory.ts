/**
 * Apps and endpoints in memory: read at start, changed through here, and told to those who act on them. Every request and
 * every delivery looks here, so look-ups are synchronous and cost no query.
 */
import { isDeepStrictEqual } from 'node:util';
import { StoreError } from './errors.ts';
import type { App, Endpoint, EndpointCircuit, EndpointEvent, EndpointNote, Store } from './storage/store.ts';

/** What changed: an app or an endpoint was made, changed or removed. */
export type DirectoryChange =
  | { readonly kind: 'app'; readonly sdkAppId: number; readonly app: App | undefined }
  | { readonly kind: 'endpoint'; readonly endpointId: string; readonly endpoint: Endpoint | undefined };

/** What a circuit has come to. */
export interface CircuitRecord {
  readonly endpointId: string;
  readonly circuit: EndpointCircuit;
  /** absent: no event, only the circuit's details changed */
  readonly note?: EndpointNote | undefined;
  /** of a lane that is this node's: so it may speak for itself */
  readonly lease: { readonly lane: number; readonly epoch: number };
}

/** Told what happened to an endpoint, after the change that it made. */
export type EndpointEventListener = (event: EndpointEvent, endpoint: Endpoint) => void;

/** Apps and endpoints, as they are stored. */
export class Directory {
  readonly #store: Store;
  readonly #apps = new Map<number, App>();
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #endpointsOf = new Map<number, readonly Endpoint[]>();
  readonly #listeners = new Set<(change: DirectoryChange) => void>();
  readonly #eventListeners = new Set<EndpointEventListener>();
  /** number of the last `resumed` event of each endpoint, as far as it was told */
  readonly #resumes = new Map<string, number>();
  /** counts changes that begin or end here: what was read meanwhile may be older than they are */
  #edits = 0;
  #editing = 0;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Read all apps and endpoints. @throws StoreError */
  static async load(store: Store): Promise<Directory> {
    const directory = new Directory(store);
    for (const app of await store.listApps()) directory.#apps.set(app.sdkAppId, app);
    for (const endpoint of await store.listEndpoints()) directory.#endpoints.set(endpoint.endpointId, endpoint);
    directory.#group();
    return directory;
  }

  app(sdkAppId: number): App | undefined {
    return this.#apps.get(sdkAppId);
  }

  /** By SDKAppID. */
  apps(): readonly App[] {
    return [...this.#apps.values()].sort((a, b) => a.sdkAppId - b.sdkAppId);
  }

  endpoint(endpointId: string): Endpoint | undefined {
    return this.#endpoints.get(endpointId);
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  /** In the order they were made. */
  endpointsOf(sdkAppId: number): readonly Endpoint[] {
    return this.#endpointsOf.get(sdkAppId) ?? [];
  }

  /** Call `listener` after each change. @returns takes it back */
  onChange(listener: (change: DirectoryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call `listener` after each event of an endpoint. @returns takes it back */
  onEndpointEvent(listener: EndpointEventListener): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** @throws StoreError `exists` if the SDKAppID is taken */
  createApp(app: App): Promise<void> {
    return this.#edit(async () => {
      await this.#store.createApp(app);
      this.#apps.set(app.sdkAppId, app);
      this.#tell({ kind: 'app', sdkAppId: app.sdkAppId, app });
    });
  }

  /** @throws StoreError `missing` */
  updateApp(app: App): Promise<void> {
    return this.#edit(async () => {
      await this.#store.updateApp(app);
      this.#apps.set(app.sdkAppId, app);
      this.#tell({ kind: 'app', sdkAppId: app.sdkAppId, app });
    });
  }

  /** Removes the app and all it has. @throws StoreError `missing` */
  deleteApp(sdkAppId: number): Promise<void> {
    return this.#edit(async () => {
      if (!this.#apps.has(sdkAppId)) throw new StoreError('missing');
      for (const { endpointId } of this.endpointsOf(sdkAppId)) await this.deleteEndpoint(endpointId);
      await this.#store.deleteApp(sdkAppId);
      this.#apps.delete(sdkAppId);
      this.#tell({ kind: 'app', sdkAppId, app: undefined });
    });
  }

  /** @throws StoreError `missing` if there is no such app */
  createEndpoint(endpoint: Endpoint): Promise<void> {
    return this.#edit(async () => {
      const events = await this.#store.createEndpoint(endpoint);
      this.#setEndpoint(endpoint);
      this.#tellEvents(events);
    });
  }

  /** Replaces its settings; the circuit stays as it is. @throws StoreError `missing` */
  updateEndpoint(endpoint: Endpoint): Promise<void> {
    return this.#edit(async () => {
      const events = await this.#store.updateEndpoint(endpoint);
      this.#setEndpoint(withCircuit(endpoint, this.endpoint(endpoint.endpointId)?.circuit));
      this.#tellEvents(events);
    });
  }

  /** Make it active; if it is, let it go on at once all the same: held users, and a probe. @throws StoreError `missing` */
  resumeEndpoint(endpoint: Endpoint): Promise<void> {
    return this.#edit(async () => {
      const { pauseReason: _, ...settings } = endpoint;
      if (endpoint.state === 'paused') return this.updateEndpoint({ ...settings, state: 'active' });
      const note = { kind: 'resumed', reason: 'person' } as const;
      this.#tellEvents(await this.#store.recordEndpoint({ endpointId: endpoint.endpointId, note }));
    });
  }

  /** Pause it: it answered 410. @throws StoreError `missing` */
  async pauseGone(endpointId: string): Promise<void> {
    const endpoint = this.endpoint(endpointId);
    if (endpoint?.state !== 'active') return;
    await this.updateEndpoint({ ...endpoint, state: 'paused', pauseReason: 'gone' });
  }

  /** Only what happened is told: settings did not change. @throws StoreError `missing`, `lease-lost` */
  recordCircuit({ endpointId, circuit, note, lease }: CircuitRecord): Promise<void> {
    return this.#edit(async () => {
      const events = await this.#store.recordEndpoint({ endpointId, circuit, lease, ...(note && { note }) });
      const endpoint = this.endpoint(endpointId);
      if (!endpoint) return;
      this.#endpoints.set(endpointId, withCircuit(endpoint, circuit));
      this.#group();
      this.#tellEvents(events);
    });
  }

  /** Removes the endpoint and its delivery log. @throws StoreError `missing` */
  deleteEndpoint(endpointId: string): Promise<void> {
    return this.#edit(async () => {
      if (!this.#endpoints.has(endpointId)) throw new StoreError('missing');
      await this.#store.deleteEndpoint(endpointId);
      this.#endpoints.delete(endpointId);
      this.#group();
      this.#tell({ kind: 'endpoint', endpointId, endpoint: undefined });
    });
  }

  /**
   * Read again what other nodes may have changed, and tell what is different.
   *
   * @returns false if this node changes something itself at the same moment, so that what was read may be older: to be called again
   * @throws StoreError
   */
  async reload(readResumes: () => Promise<ReadonlyMap<string, number>>): Promise<boolean> {
    const edits = this.#edits;
    const [apps, endpoints, resumes] = await Promise.all([
      this.#store.listApps(),
      this.#store.listEndpoints(),
      readResumes(),
    ]);
    if (this.#editing > 0 || edits !== this.#edits) return false;
    this.#take(apps, endpoints);
    this.#takeResumes(resumes);
    return true;
  }

  #take(apps: readonly App[], endpoints: readonly Endpoint[]): void {
    const [appIds, endpointIds] = [
      new Set(apps.map((app) => app.sdkAppId)),
      new Set(endpoints.map((one) => one.endpointId)),
    ];
    for (const endpointId of [...this.#endpoints.keys()])
      if (!endpointIds.has(endpointId)) this.#dropEndpoint(endpointId);
    for (const sdkAppId of [...this.#apps.keys()]) {
      if (appIds.has(sdkAppId)) continue;
      this.#apps.delete(sdkAppId);
      this.#tell({ kind: 'app', sdkAppId, app: undefined });
    }
    for (const app of apps) {
      const { sdkAppId } = app;
      if (isDeepStrictEqual(this.#apps.get(sdkAppId), app)) continue;
      this.#apps.set(sdkAppId, app);
      this.#tell({ kind: 'app', sdkAppId, app });
    }
    for (const endpoint of endpoints) {
      const known = this.#endpoints.get(endpoint.endpointId);
      if (known && isDeepStrictEqual(withCircuit(known, endpoint.circuit), endpoint)) {
        this.#endpoints.set(endpoint.endpointId, endpoint); // settings are the same: nobody has to hear of its circuit
      } else this.#setEndpoint(endpoint);
    }
    this.#group();
  }

  /** A person let an endpoint go on through another node. */
  #takeResumes(resumes: ReadonlyMap<string, number>): void {
    for (const [endpointId, no] of resumes) {
      const known = this.#resumes.get(endpointId);
      this.#resumes.set(endpointId, no);
      const endpoint = this.endpoint(endpointId);
      if (known === undefined || no <= known || !endpoint) continue;
      for (const listener of this.#eventListeners) listener({ endpointId, no, kind: 'resumed', atMs: 0 }, endpoint);
    }
  }

  #dropEndpoint(endpointId: string): void {
    this.#endpoints.delete(endpointId);
    this.#group();
    this.#tell({ kind: 'endpoint', endpointId, endpoint: undefined });
  }

  async #edit<T>(change: () => Promise<T>): Promise<T> {
    this.#edits += 1;
    this.#editing += 1;
    try {
      return await change();
    } finally {
      this.#edits += 1;
      this.#editing -= 1;
    }
  }

  #setEndpoint(endpoint: Endpoint): void {
    this.#endpoints.set(endpoint.endpointId, endpoint);
    this.#group();
    this.#tell({ kind: 'endpoint', endpointId: endpoint.endpointId, endpoint });
  }

  #group(): void {
    this.#endpointsOf.clear();
    const inOrder = [...this.#endpoints.values()].sort(
      (a, b) => a.createdAtMs - b.createdAtMs || (a.endpointId < b.endpointId ? -1 : 1),
    );
    for (const endpoint of inOrder) {
      this.#endpointsOf.set(endpoint.sdkAppId, [...this.endpointsOf(endpoint.sdkAppId), endpoint]);
    }
  }

  #tellEvents(events: readonly EndpointEvent[]): void {
    for (const event of events) {
      if (event.kind === 'resumed') this.#resumes.set(event.endpointId, event.no);
      const endpoint = this.endpoint(event.endpointId);
      if (endpoint) for (const listener of this.#eventListeners) listener(event, endpoint);
    }
  }

  #tell(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** @returns the same endpoint if it has this circuit already */
function withCircuit(endpoint: Endpoint, circuit: EndpointCircuit | undefined): Endpoint {
  if (endpoint.circuit === circuit) return endpoint;
  const { circuit: _, ...settings } = endpoint;
  return { ...settings, ...(circuit && { circuit }) };
}
