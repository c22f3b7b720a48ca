import type { HomeRequest } from '../chat.ts';
import { InOrder } from '../in-order.ts';
import { homeView } from './home.ts';
import type { Parts } from './parts.ts';

/** Shows people the bot's page: for one person one after the other, so that the newest stays. */
export class HomePages {
  readonly #order = new InOrder();

  /** Throws ChatError. */
  show(parts: Parts, request: HomeRequest): Promise<void> {
    const { user, place } = request;
    return this.#order.run(`${place.workspace}:${user.id}`, async () => {
      const home = await parts.handler()?.home(request);
      if (home === undefined) return;
      await parts.clients.call(place.workspace, (client) =>
        client.views.publish({ user_id: user.id, view: homeView(home) }),
      );
    });
  }
}
