import { pluralIn } from '../plural.ts';

const plural = pluralIn('en');

export const gate = {
  title: 'Prove that you are an adult',
  documentTitle: 'Proof of age',
  lead: 'An independent service or your wallet says one thing: over 18. It doesn’t say who you are.',
  keptTitle: 'What we keep',
  kept: [
    'that you are an adult, and until which day the proof is good',
    'the day you showed it, the kind of way, and under which rules',
    'which passkeys you had then: when the last of them goes, so does the proof',
  ],
  keptMark: 'a mark of the attestation that leads to nobody, so that it can’t be shown twice',
  keptSession: 'while you are signed in: since when talk is open to you here',
  keptActive: 'while you are signed in: when you were last active, to close after a pause',
  notKeptTitle: 'What we don’t keep',
  notKept: [
    'your name or your face',
    'your date of birth',
    'any identity document',
    'the attestation, or who issued it',
  ],
  statementLink: 'How age is checked here',
  choose: 'Choose a way',
  methods: {
    test: {
      name: 'Test wallet',
      about: 'Proves nothing. It exists on this machine only, to try Accord out.',
      learns: 'It believes whatever it is told, and learns nothing.',
    },
    wallet: {
      name: 'Identity wallet',
      about: 'The age attestation in your phone’s or country’s wallet.',
      learns: 'Double-blind: who issued it doesn’t learn that you were here, and we don’t learn who you are.',
    },
    provider: {
      name: 'Age provider',
      about: 'An independent service checks your age and tells us “over 18”.',
      learns: 'It learns who you are, as far as it asks. We learn “over 18”.',
    },
  },
  doubleBlind: 'Double-blind: whoever checks your age doesn’t learn where you show it.',
  notNow: 'Not available at the moment',
  testOnly: 'Test installation: anybody can pass this gate.',
  none: 'No proof of age can be shown here at the moment, which is no fault of yours. Come back later: your account and your messages stay.',
  leaving: 'Opening…',
  checking: 'Checking the proof…',
  failedTitle: 'The proof was not accepted',
  failedNext:
    'Nothing of it was kept. Try again with a fresh attestation, or choose another way. Never send us a document: we can’t take one.',
  failedTries: (count: number) =>
    plural(count, {
      one: 'One proof a day may be refused; the next is looked at tomorrow.',
      other: '# proofs a day may be refused; the next is looked at tomorrow.',
    }),
  failedYoung: 'Under 18?',
  failedHelp: 'Who listens, and helps',
  interrupted: 'Your answer has not arrived yet',
  emptyHanded: 'You came back without an answer. Nothing was kept; choose a way to begin again.',
  passedTitle: 'You are in',
  passed: (until: string) => `Your proof is good until ${until}.`,
  next: 'A few words about me',
  onward: 'Go on',
  leave: 'Sign out, take your data or delete the account',
  waits: 'Your account is as you left it: messages wait for you and arrive once your age is proved.',
  elsewhere: {
    title: 'Go back to where you began',
    documentTitle: 'Another browser',
    lead: 'Your wallet brought you to a browser in which you are not signed in. To be safe, its answer counts only in the one where you began.',
    next: 'There, choose “Show a code” and open its link in your wallet: that needs no way back. Or sign in here and begin again. Each time, your wallet shows a fresh attestation.',
    signIn: 'Sign in here',
  },
  reopen: {
    title: 'Is it still you?',
    documentTitle: 'Go on',
    lead: 'It has been a while. Your messages wait for you and arrive as soon as you go on.',
    passkey: 'Go on with my passkey',
    busy: 'Waiting for the passkey…',
    other: 'Or prove your age again',
  },
  again: {
    title: 'Your proof again, please',
    lead: (minutes: number | null) =>
      `It is asked for at each visit${
        minutes === null
          ? ''
          : plural(minutes, {
              one: ', and after # minute without a touch',
              other: ', and after # minutes without a touch',
            })
      }. Your messages wait for you and arrive once it is shown.`,
  },
  wallet: {
    title: 'Show your wallet',
    documentTitle: 'Wallet',
    lead: 'Your wallet asks you first. It then says “over 18”, and nothing else.',
    browser: 'Ask the wallet of this device',
    browserAbout: 'Your browser asks the wallet, and only for this site.',
    waiting: 'Waiting for your wallet…',
    stop: 'Stop waiting',
    link: 'Open my wallet app',
    linkAbout: 'The app answers, then brings you back here.',
    linkWaiting: 'Answer in your wallet app; it then brings you back here.',
    linkAnswered: 'Your wallet has answered. Go on in the page that it opened.',
    linkLost: 'No page opened, or in another browser? Show a code instead, and open its link in your wallet.',
    linkNothing: 'Nothing opened? Then no app here answers: show a code to your phone instead.',
    code: 'Show a code for my phone',
    codeAbout: 'Read it with the phone that holds your wallet.',
    codeLabel: 'Code to be read with a phone',
    codeGood: 'This page goes on by itself once your wallet has answered.',
    codeLeft: (time: string) => `Good for another ${time}.`,
    codeEnding: 'The code is about to run out. You can show a new one.',
    codeOwn: 'Only read a code from your own screen: it proves the age of whoever shows it.',
    over: 'The time ran out. Nothing was kept; begin again.',
    newCode: 'Show a new code',
    cantRead: 'The code can’t be read?',
    openLink: 'Open in the wallet of this device',
    copyLink: 'Copy the link',
    cantReadHow: 'Open the link on the device that holds your wallet, this one or another.',
    problems: {
      declined: 'The wallet gave no answer. You can ask it again, or take another way.',
      stopped: 'Stopped. Nothing was shown, nothing was kept.',
      late: 'The time ran out. Nothing was kept; ask again when your wallet is ready.',
      unable: 'This browser can’t ask a wallet for it. Open the app, or show a code to your phone.',
    },
  },
  statement: {
    title: 'How age is checked here',
    lead: 'Made from the settings that hold on this server now. ISO/IEC 27566-1 asks everybody who relies on proofs of age to publish this.',
    rulesTitle: 'Whose rules',
    places: {
      fr: 'France: the age is checked at each visit; at least two ways to do it, one of them double-blind',
      eu: 'European Union: an age that is verified, not estimated',
      uk: 'United Kingdom: highly effective age assurance',
      other:
        'Elsewhere: the strictest rule of France, the European Union and the United Kingdom on each point',
    },
    noEstimates: 'An estimated age does not count.',
    trial: 'None: this is a test installation, and nothing here proves an age.',
    version: (version: string) => `Version of the rules: ${version}`,
    methodsTitle: 'Ways to prove it',
    verified: 'Age verified',
    estimated: 'Age estimated',
    whenTitle: 'When it is asked again',
    days: (count: number) =>
      plural(count, {
        one: 'A proof is good for # day at most.',
        other: 'A proof is good for # days at most.',
      }),
    hours: (count: number) =>
      plural(count, {
        one: 'A session closes after # hour, whatever one does.',
        other: 'A session closes after # hours, whatever one does.',
      }),
    idle: (count: number) =>
      plural(count, {
        one: 'A session closes after # minute without a sign of the person.',
        other: 'A session closes after # minutes without a sign of the person.',
      }),
    tries: (count: number) =>
      plural(count, {
        one: 'After # refused proof in a day, the next is looked at on the day after.',
        other: 'After # refused proofs in a day, the next is looked at on the day after.',
      }),
    recovered: 'Who comes back by the recovery code shows a new proof.',
    byPasskey: 'A session is opened by the passkey of the account: a finger, a face or a PIN of the device.',
    byPasskeyInstead:
      'The operator takes this passkey in place of the proof at each visit that these rules speak of.',
    byProof: 'A session is opened by a proof given in it, and by nothing else.',
    held: 'While it is closed messages wait, and nothing is lost.',
    list: (day: string) => `The list of trusted issuers is to be renewed by ${day}.`,
    listLate: (day: string) => `The list of trusted issuers was to be renewed by ${day}.`,
    listGrace: (count: number) =>
      plural(count, {
        one: 'An overdue list holds for # day more; then no wallet is believed.',
        other: 'An overdue list holds for # days more; then no wallet is believed.',
      }),
    listNoGrace: 'Once it is overdue no wallet is believed.',
    underWay:
      'while a proof is under way: that it is, without what it says. It goes when the proof ends or runs out',
    limitsTitle: 'What a proof does not say',
    limits: [
      'That an adult holds the phone now: only that an adult set it up.',
      'That one person has one account: a proof opens one account, and a person may have several proofs.',
      'Who the person is: neither we nor anyone who copies our database could tell from it.',
    ],
    wrongTitle: 'When it goes wrong',
    wrong:
      'A refusal is told without its reason, so that nobody learns from it how to get round the check. Try again, or choose another way. No document is ever asked for or taken, here or by our support.',
    countedTitle: 'What is counted',
    counted: 'How proofs end, by kind of way and by reason: as numbers, without account or name.',
    countedTries:
      'Until the day is over, how many of an account were not accepted: under a mark that leads to nobody.',
    asOf: (day: string, origin: string) => `As of ${day}, for ${origin}.`,
    asData: 'The same as data (JSON)',
  },
};
