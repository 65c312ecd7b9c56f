import { z } from 'zod';
import { hma } from './hma.ts';
import type { PartnerRoute } from './route.ts';
import { v1 } from './v1.ts';

type Json = Readonly<Record<string, unknown>>;

/** JSON Schema of what goes in or comes out; what has none in JSON (a file) is described where it is used. */
const schemaOf = (shape: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema;
};

/** Parameters of the path or the query: each property of the shape. */
function parametersOf(shape: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
  }));
}

const file = { type: 'string', format: 'binary' } as const;

function bodyOf({ body, takes, method }: PartnerRoute): Json | undefined {
  const schema = body === undefined ? undefined : schemaOf(body, 'input');
  switch (takes) {
    case 'picture':
      return { 'image/*': { schema: file } };
    case 'lines':
      return { 'application/x-ndjson': { schema } };
    case 'form':
      return {
        'multipart/form-data': { schema: { type: 'object', properties: { photo: file, video: file } } },
      };
    default:
      return schema === undefined || method === 'GET' ? undefined : { 'application/json': { schema } };
  }
}

function answerOf({ reply, gives, status: given }: PartnerRoute): Json {
  const status = given ?? 200;
  if (status === 204) return { [status]: { description: 'Done.' } };
  const type = { text: 'text/plain', lines: 'application/x-ndjson', json: 'application/json' }[
    gives ?? 'json'
  ];
  return { [status]: { description: 'Done.', content: { [type]: { schema: schemaOf(reply, 'output') } } } };
}

function operationOf(name: string, route: PartnerRoute): Json {
  const content = bodyOf(route);
  const open = route.scope === 'anyone';
  const scope = open || route.scope === 'key' ? '' : ` Takes the scope \`${route.scope}\`.`;
  return {
    operationId: name,
    summary: route.summary,
    description: `${route.summary}${scope}`,
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(content !== undefined && { requestBody: { required: route.takes !== 'form', content } }),
    responses: { ...answerOf(route), default: { $ref: '#/components/responses/Refusal' } },
    security: open ? [] : [{ bearer: [] }, { basic: [] }],
  };
}

function describe(
  routes: Readonly<Record<string, PartnerRoute>>,
  { info, refusal }: { readonly info: Json; readonly refusal: Json },
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const there = paths[path] ?? {};
    paths[path] = { ...there, [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      responses: {
        Refusal: { description: 'Refused.', content: { 'application/json': { schema: refusal } } },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The key.' },
        basic: { type: 'http', scheme: 'basic', description: 'Any name, with the key as the password.' },
      },
    },
  };
}

/** OpenAPI 3.1 of our own interface, from the schemas that the server parses by. */
export const v1Description = (): Json =>
  describe(v1, {
    info: {
      title: 'Accord for other platforms',
      version: '1',
      description: 'Check hashes and pictures, file notices and follow them, be told of decisions.',
      license: { name: 'Apache-2.0' },
    },
    refusal: schemaOf(
      z.object({
        code: z.string(),
        field: z.string().optional(),
        retryAfter: z.int().optional().describe('Seconds.'),
      }),
      'output',
    ),
  });

/** OpenAPI 3.1 of the interface that HMA's clients speak. */
export const hmaDescription = (): Json =>
  describe(hma, {
    info: {
      title: 'Open Media Match API',
      version: '1',
      description:
        'The routes of Hasher-Matcher-Actioner, answered by Accord. Differences are in its documentation.',
    },
    refusal: schemaOf(z.object({ message: z.string() }), 'output'),
  });
