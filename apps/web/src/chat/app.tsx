import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Toasts } from '../design/index.ts';
import { Door } from './door.tsx';
import { Landing } from './pages/landing.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Plain, Shell, Waiting } from './shell.tsx';

const Help = lazy(() => import('./pages/help.tsx'));
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
      <Suspense fallback={<Waiting />}>
        <Switch>
          <Route path="/" component={Landing} />
          <Route path="/help">{() => plain(<Help />)}</Route>
          <Route path="/help/pictures">{() => plain(<Promises />)}</Route>
          <Route path="/consent/:linkId">{({ linkId }) => plain(<ConsentLink linkId={linkId} />)}</Route>
          <Route path="/start">{() => plain(<Door to="anyone">{<Start />}</Door>)}</Route>
          <Route path="/sign-in">{() => plain(<Door to="strangers">{<SignIn />}</Door>)}</Route>
          <Route path="/return">{() => plain(<Door to="anyone">{<Return />}</Door>)}</Route>
          <Route path="/gate">{() => plain(<Door to="members">{<Gate />}</Door>)}</Route>
          <Route path="/people/:accountId?">
            {({ accountId }) => inside(<People {...(accountId === undefined ? {} : { accountId })} />)}
          </Route>
          <Route path="/requests">{() => inside(<Requests />)}</Route>
          <Route path="/talk/:conversationId?">
            {({ conversationId }) =>
              inside(<Talk {...(conversationId === undefined ? {} : { conversationId })} />)
            }
          </Route>
          <Route path="/you/*?">
            {(params) => (
              <Door to="members">
                <Shell>
                  <You section={params['*'] ?? ''} />
                </Shell>
              </Door>
            )}
          </Route>
          <Route>{() => plain(<NotFound />)}</Route>
        </Switch>
      </Suspense>
      <Toasts />
    </>
  );
}

const plain = (page: React.ReactNode) => <Plain>{page}</Plain>;

const inside = (page: React.ReactNode) => (
  <Door to="adults">
    <Shell>{page}</Shell>
  </Door>
);
