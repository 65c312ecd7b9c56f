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
    'a mark of the attestation that leads to nobody, so that it can’t be shown twice',
  ],
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
      learns: 'Who issued it doesn’t learn that you were here. We learn “over 18”, and not who you are.',
    },
    provider: {
      name: 'Age provider',
      about: 'An independent service checks your age, then forgets you.',
      learns: 'It learns who you are, as far as it asks. We learn “over 18”.',
    },
  },
  doubleBlind: 'Double-blind: whoever checks your age doesn’t learn where you show it.',
  notNow: 'Not available at the moment',
  testOnly: 'Test installation: anybody can pass this gate.',
  none: 'This installation offers no proof of age at the moment. Come back later; your account stays.',
  leaving: 'Opening…',
  checking: 'Checking the proof…',
  failedTitle: 'The proof was not accepted',
  failedNext:
    'Nothing was kept of it. Try again with a fresh attestation, or choose another way. Never send us a document: we can’t take one.',
  passedTitle: 'You are in',
  passed: (until: string) => `Your proof is good until ${until}.`,
  next: 'A few words about me',
  later: 'Straight to the people',
  onward: 'Go on',
  signOut: 'Sign out',
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
    lead: 'The law asks for it at each visit and after a long pause. Your messages wait for you and arrive once it is shown.',
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
    linkNothing: 'Nothing opened? Then no app here answers: show a code to your phone instead.',
    code: 'Show a code for my phone',
    codeAbout: 'Read it with the phone that holds your wallet.',
    codeLabel: 'Code to be read with a phone',
    codeGood: 'Good for two minutes. This page goes on by itself once your wallet has answered.',
    codeOwn: 'Only read a code from your own screen: it proves the age of whoever shows it.',
    over: 'The time ran out. Nothing was kept; begin again.',
    newCode: 'Show a new code',
    cantRead: 'The code can’t be read?',
    cantReadHow: 'Open this link on the device that holds your wallet:',
    problems: {
      declined: 'The wallet gave no answer. You can ask it again, or take another way.',
      stopped: 'Stopped. Nothing was asked, nothing was kept.',
      unable: 'This browser can’t ask a wallet for it. Open the app, or show a code to your phone.',
    },
    back: 'Choose another way',
  },
  statement: {
    title: 'How age is checked here',
    lead: 'Made from the settings that hold on this server now. ISO/IEC 27566-1 asks everybody who relies on proofs of age to publish this.',
    rulesTitle: 'Whose rules',
    places: {
      fr: 'France: a proof at each visit, two ways at least, one of them double-blind',
      eu: 'European Union: an age that is verified, not estimated',
      uk: 'United Kingdom: highly effective age assurance',
      other: 'Elsewhere: the strictest of all these rules',
    },
    trial: 'None: this is a test installation, and nothing here proves an age.',
    version: (version: string) => `Version of the rules: ${version}`,
    methodsTitle: 'Ways to prove it',
    verified: 'Age verified',
    estimated: 'Age estimated',
    whenTitle: 'When it is asked again',
    days: (count: number) =>
      plural(count, { one: 'A proof is good for # day.', other: 'A proof is good for # days.' }),
    hours: (count: number) =>
      plural(count, {
        one: 'A session closes after # hour, whatever one does.',
        other: 'A session closes after # hours, whatever one does.',
      }),
    idle: (count: number) =>
      plural(count, {
        one: 'It closes after # minute without a sign of the person.',
        other: 'It closes after # minutes without a sign of the person.',
      }),
    tries: (count: number) =>
      plural(count, {
        one: 'After # proof that was not accepted, the next is looked at on another day.',
        other: 'After # proofs that were not accepted, the next is looked at on another day.',
      }),
    recovered: 'Who comes back by the recovery code shows a new proof.',
    byPasskey: 'It opens again with the passkey, which only the person can use.',
    byProof: 'It opens again with a new proof alone.',
    held: 'Meanwhile messages wait, and nothing is lost.',
    list: (day: string) =>
      `The list of trusted issuers is due to be renewed by ${day}. An overdue list is not believed.`,
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
    counted:
      'How proofs end, by kind of way and by reason: without account, name or time. And, until the day is over, how many of an account were not accepted: under a mark that leads to nobody.',
  },
};
