import { emergencyWords } from '@accord/law/emergency-numbers';
export const landing = {
  title: 'Start',
  question: 'Are you over 18?',
  yes: 'Yes, I am over 18',
  no: 'No',
  afterYes:
    'A yes alone opens nothing. An independent proof of age comes next: we keep that you are an adult, never who you are.',
  checked: 'How age is checked here',
  member: 'Already a member?',
  signIn: 'Sign in',
  what: 'A free chat for adults. Here, an intimate picture moves only when three people say yes.',
  yeses: [
    { who: 'The person in it', how: 'says yes, and can take it back at any time.' },
    { who: 'The one who sends it', how: 'chooses who sees it, and for how long.' },
    { who: 'The one who receives it', how: 'has agreed to receive it before it arrives.' },
  ],
  yesesTitle: 'Three yeses',
  facts: [
    { title: 'No name, no e‑mail, no number', text: 'A pseudonym, and a passkey that stays on your device.' },
    { title: 'Encrypted end to end', text: 'Only your devices and theirs can read. We cannot.' },
    { title: 'Nobody writes to you unasked', text: 'They send one line. You accept, or let it lapse.' },
  ],
};

export const help = {
  title: 'Accord is for adults',
  lead: 'So we can’t let you in. If something happened with a picture or a video of you, real or faked, it is not your fault, and there are people who help, free of charge and in confidence.',
  immediate: `In danger right now? Call the emergency number: ${emergencyWords('en')}.`,
  talk: 'Talk to someone',
  remove: 'Have a picture taken down',
  adult: 'Are you over 18?',
  adultBack: 'Back to the question',
  call: (number: string) => `Call ${number}`,
  visit: 'Open the site',
  leaves: 'These links leave Accord.',
};
