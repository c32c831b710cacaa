/** The part of the interface by which nodes learn of each other. */
import type { AppBacklog, Hint, LaneNews, News, SharedStore, Wish } from '../shared-store.ts';
import type { Delivery, Store } from '../store.ts';
import { readBacklogs } from './backlogs.ts';
import { deliveriesAt } from './deliveries.ts';
import { readLaneNews, readNews, readResumes, releaseDuties, takeDuty } from './news.ts';
import { PostgresSessions } from './postgres-sessions.ts';
import { answerWish, postWish, readWish, takeWishes } from './wishes.ts';

/** News, hints, wishes and duties, and what waits over all lanes. */
export class PostgresNodes
  extends PostgresSessions
  implements Omit<SharedStore, Exclude<keyof Store, keyof PostgresSessions>>
{
  onHint(listener: (hint: Hint) => void): () => void {
    return this.parts.hints?.onHint(listener) ?? (() => undefined);
  }

  readNews(node: Parameters<SharedStore['readNews']>[0]): Promise<News> {
    return this.calls.run(() => readNews(this.parts, node));
  }

  readLaneNews(query: Parameters<SharedStore['readLaneNews']>[0]): Promise<readonly LaneNews[]> {
    return this.calls.run(() => readLaneNews(this.parts, query));
  }

  readDeliveries(query: Parameters<SharedStore['readDeliveries']>[0]): Promise<readonly Delivery[]> {
    return this.calls.run(() => deliveriesAt(this.parts.database, query));
  }

  readBacklogs(sdkAppId?: number): Promise<readonly AppBacklog[]> {
    return this.calls.run(() => readBacklogs(this.parts.database, this.lanes, sdkAppId));
  }

  readResumes(): Promise<ReadonlyMap<string, number>> {
    return this.calls.run(() => readResumes(this.parts));
  }

  postWish(wish: Parameters<SharedStore['postWish']>[0]): Promise<void> {
    return this.calls.run(async () => {
      await postWish(this.parts, wish);
      this.parts.hints?.send('claims');
    });
  }

  takeWishes(lanes: readonly number[]): Promise<readonly Wish[]> {
    return this.calls.run(() => takeWishes(this.parts, lanes));
  }

  answerWish(wishId: string, answer: string): Promise<void> {
    return this.calls.run(() => answerWish(this.parts, wishId, answer));
  }

  readWish(wishId: string): Promise<string | undefined> {
    return this.calls.run(() => readWish(this.parts, wishId));
  }

  takeDuty(duty: Parameters<SharedStore['takeDuty']>[0]): Promise<boolean> {
    return this.calls.run(() => takeDuty(this.parts, duty));
  }

  releaseDuties(owner: string): Promise<void> {
    return this.calls.run(() => releaseDuties(this.parts, owner));
  }
}
