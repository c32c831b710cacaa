/** `POST …/rotate`: a new token or signing secret, and the old one live for a while. */
import type { FastifyInstance } from 'fastify';
import { rotateEndpoint } from './endpoint-rotation.ts';
import { type EndpointParams, endpointParams } from './endpoint-schemas.ts';
import { changeEndpoint, showEndpoint } from './endpoints.ts';
import type { AdminContext } from './options.ts';
import { type Rotation, rotation } from './rotation-schemas.ts';
import { emptyQuery, responses } from './shared-schemas.ts';
import { showEndpointSecrets } from './show-secrets.ts';

const schema = {
  operationId: 'rotateEndpoint',
  tags: ['Endpoints'],
  summary: 'Give an endpoint a new token or signing secret',
  description:
    'The old one stays live for the overlap, which ends by itself. The answer shows token and signing secrets. At most 5 signing secrets are live at a time.',
  params: endpointParams,
  querystring: emptyQuery,
  body: rotation,
  response: responses({ status: 200, description: 'The endpoint.', body: 'Endpoint', problems: [404, 409, 413, 415] }),
};

/** Adds the route. */
export function addRotationRoute(api: FastifyInstance, context: AdminContext): void {
  const { clock } = context;
  api.post<{ Params: EndpointParams; Body: Rotation }>(
    '/apps/:sdkAppId/endpoints/:endpointId/rotate',
    { schema },
    async ({ params, body }) => {
      const nowMs = clock.now();
      const rotated = await changeEndpoint(context, params, (endpoint) => rotateEndpoint(endpoint, body, nowMs));
      return { ...showEndpoint(rotated, nowMs), ...showEndpointSecrets(rotated, nowMs, true) };
    },
  );
}
