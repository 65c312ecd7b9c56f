import type { Body, Reply } from '@accord/protocol';
import { createContext, useContext } from 'react';

export type CaseView = Reply<'cases.read'>;
export type Item = CaseView['items'][number];
export type ConsoleCommand = Body<'cases.command'>['command'];

/** The case that is open, and what is asked of it. */
export interface OpenCase {
  readonly view: CaseView;
  /** Gives a command; the case is then shown as the server answered it. @throws {ApiError} */
  give(command: ConsoleCommand): Promise<void>;
  readonly reload: () => void;
}

export const CaseContext = createContext<OpenCase | null>(null);

export function useCase(): OpenCase {
  const open = useContext(CaseContext);
  if (open === null) throw new Error('outside of a case');
  return open;
}

/** Whether the caller could give this command now. */
export const may = (view: CaseView, kind: ConsoleCommand['kind']): boolean => view.may.includes(kind);
