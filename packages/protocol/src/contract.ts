import type { z } from 'zod';
import { accounts } from './accounts.ts';
import { cases } from './cases.ts';
import { delivery } from './delivery.ts';
import { gate } from './gate.ts';
import { matching } from './matching.ts';
import { media } from './media.ts';
import { presence } from './presence.ts';
import type { RouteName } from './routes.ts';

/** The shapes of one route; a missing part means that the route takes none. */
export interface Shapes {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
}

/** The shapes of every route. */
export const contract = {
  ...accounts,
  ...gate,
  ...presence,
  ...delivery,
  ...matching,
  ...media,
  ...cases,
} satisfies Record<RouteName, Shapes>;

type Contract = typeof contract;
type Part<N extends RouteName, P extends keyof Shapes> = Contract[N] extends {
  [K in P]: infer S extends z.ZodType;
}
  ? S
  : never;

type Input<S extends z.ZodType> = [S] extends [never] ? undefined : z.input<S>;
type Output<S extends z.ZodType> = [S] extends [never] ? undefined : z.output<S>;

/** What a caller of route `N` passes. */
export type Params<N extends RouteName> = Input<Part<N, 'params'>>;
export type Query<N extends RouteName> = Input<Part<N, 'query'>>;
export type Body<N extends RouteName> = Input<Part<N, 'body'>>;
/** What route `N` answers. */
export type Reply<N extends RouteName> = z.output<Contract[N]['reply']>;

/** What a handler of route `N` receives, parsed. */
export interface Parsed<N extends RouteName> {
  readonly params: Output<Part<N, 'params'>>;
  readonly query: Output<Part<N, 'query'>>;
  readonly body: Output<Part<N, 'body'>>;
}
