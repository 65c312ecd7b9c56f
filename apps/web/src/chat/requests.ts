import { useEffect } from 'react';
import type { RequestsApi } from './engine/api.ts';
import { useEngine } from './engine-access.tsx';
import { useLoad } from './load.ts';

export type Requests = Awaited<ReturnType<RequestsApi['list']>>;

/** The requests to talk, opened; renewed whenever the engine tells that they changed. */
export function useRequests() {
  const engine = useEngine();
  const requests = useLoad(() => engine.requests.list(), [engine]);
  const { reload } = requests;
  useEffect(() => engine.subscribe((event) => event.type === 'requests' && reload()), [engine, reload]);
  return requests;
}
