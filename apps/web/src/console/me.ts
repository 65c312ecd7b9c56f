import type { Reply } from '@accord/protocol';
import { createContext, useContext } from 'react';

type Capability = Reply<'cases.staff.me'>['capabilities'][number];

/** Who sits at the console. */
export interface Me {
  readonly accountId: string;
  readonly roles: Reply<'cases.staff.me'>['roles'];
  readonly revealsInHour: number;
  can(capability: Capability): boolean;
  /** The server said how often this person looked at a picture in the last hour. */
  looked(revealsInHour: number): void;
}

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error('outside of the console');
  return me;
}

/** How the staff are named to each other: by the beginning of the account's id, never by a pseudonym that members see. */
export const staffName = (accountId: string): string => accountId.slice(0, 4).toUpperCase();
