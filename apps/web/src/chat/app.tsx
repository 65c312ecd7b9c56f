import { lazy, type ReactNode, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Toasts } from '../design/index.ts';
import type { Audience } from './detour.ts';
import { Door, WithEngine } from './door.tsx';
import { Landing } from './pages/landing.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Plain, Shell, Waiting } from './shell.tsx';
import { TalkWaiting } from './talk/waiting.tsx';

const Help = lazy(() => import('./pages/help.tsx'));
const AgeStatement = lazy(() => import('./pages/age-statement.tsx'));
const Promises = lazy(() => import('./pictures/pages/promise.tsx'));
const ConsentLink = lazy(() => import('./pictures/pages/consent-link.tsx'));
const Start = lazy(() => import('./pages/start.tsx'));
const SignIn = lazy(() => import('./pages/sign-in.tsx'));
const Return = lazy(() => import('./pages/return.tsx'));
const Gate = lazy(() => import('./pages/gate.tsx'));
const People = lazy(() => import('./pages/people.tsx'));
const Requests = lazy(() => import('./pages/requests.tsx'));
const You = lazy(() => import('./pages/you.tsx'));
const Talk = lazy(() => import('./talk/page.tsx'));

/** Every page by its address. */
export function App() {
  return (
    <>
      <Switch>
        <Route path="/" component={Landing} />
        <Route path="/help">{() => plain(<Help />)}</Route>
        <Route path="/help/pictures">{() => plain(<Promises />)}</Route>
        <Route path="/consent/:linkId">{({ linkId }) => plain(<ConsentLink linkId={linkId} />)}</Route>
        <Route path="/age-statement">{() => plain(<AgeStatement />)}</Route>
        <Route path="/start">{() => before('anyone', <Start />)}</Route>
        <Route path="/sign-in">{() => before('strangers', <SignIn />)}</Route>
        <Route path="/return">{() => before('anyone', <Return />)}</Route>
        <Route path="/gate">{() => before('anyone', <Gate />)}</Route>
        <Route path="/people/:accountId?">
          {({ accountId }) =>
            inside('adults', <People {...(accountId === undefined ? {} : { accountId })} />)
          }
        </Route>
        <Route path="/requests">{() => inside('adults', <Requests />)}</Route>
        <Route path="/talk/:conversationId?">
          {({ conversationId }) =>
            inside('adults', <Talk {...(conversationId === undefined ? {} : { conversationId })} />, {
              ownThings: true,
              waiting: <TalkWaiting open={conversationId !== undefined} />,
            })
          }
        </Route>
        <Route path="/you/*?">{(params) => inside('members', <You section={params['*'] ?? ''} />)}</Route>
        <Route>{() => plain(<NotFound />)}</Route>
      </Switch>
      <Toasts />
    </>
  );
}

/** Frames stand before what is inside them is there: nothing jumps when it comes. */
const plain = (page: ReactNode) => (
  <Plain>
    <Suspense fallback={<Waiting />}>{page}</Suspense>
  </Plain>
);

const before = (to: Audience, page: ReactNode) =>
  plain(
    <WithEngine>
      <Door to={to} waiting={<Waiting />}>
        {page}
      </Door>
    </WithEngine>,
  );

const inside = (to: Audience, page: ReactNode, { ownThings = false, waiting = <Waiting /> } = {}) => (
  <WithEngine>
    <Shell>
      <Suspense fallback={waiting}>
        <Door to={to} ownThings={ownThings} waiting={waiting}>
          {page}
        </Door>
      </Suspense>
    </Shell>
  </WithEngine>
);
