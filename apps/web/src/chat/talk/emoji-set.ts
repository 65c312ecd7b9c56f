/** A small set of our own, each with the words that find it in both languages. No skin tones to choose from. */
export const quickReactions = ['❤️', '👍', '😂', '😮', '😢', '🙏'] as const;

/** Emoji, then its words. */
const lines = `
😀 smile grin sourire content
😂 laugh tears rire larmes
😊 smile blush sourire doux
🙂 smile sourire
😉 wink clin oeil
😍 love eyes amour yeux coeur
😘 kiss bisou
🥰 love hearts amour tendre
😋 yum tasty miam delicieux
😎 cool sunglasses lunettes
🤔 think hmm penser reflechir
🤗 hug calin bras
😮 wow surprise oh
😢 sad cry triste pleurer
😭 cry sob pleurer sanglot
😅 sweat relief sueur ouf
😳 blush shy rouge timide gene
🥺 please pleading svp
😴 sleep dormir sommeil
😌 calm relieved calme soulage
😬 awkward grimace gene
😇 angel ange
🙃 upside down envers
😏 smirk coquin malin
🤭 giggle oops rire main
🤫 quiet secret chut
🤤 drool bave
🥳 party celebrate fete
😡 angry colere
🤒 sick malade
❤️ heart love coeur amour rouge
🧡 heart orange coeur
💛 heart yellow coeur jaune
💚 heart green coeur vert
💙 heart blue coeur bleu
💜 heart purple coeur violet
🖤 heart black coeur noir
🤍 heart white coeur blanc
💔 broken heart coeur brise
💕 hearts love coeurs amour
💋 kiss lips bisou levres
🔥 fire hot feu chaud
✨ sparkles etincelles
⭐ star etoile
🌙 moon night lune nuit
☀️ sun soleil
🌈 rainbow arc ciel
🌧️ rain pluie
❄️ snow neige
🌊 wave sea vague mer
🌸 flower blossom fleur
🌹 rose flower fleur
🌿 leaf plant feuille plante
🌲 tree forest arbre foret
⛰️ mountain montagne
🏖️ beach plage
👍 thumbs up yes good pouce oui bien
👎 thumbs down no pouce non
👌 ok perfect parfait
👏 clap bravo applaudir
🙏 thanks please merci prier
🤝 handshake deal accord main
✌️ peace paix
🤞 luck fingers chance doigts
👋 wave hello bye salut coucou
💪 strong muscle fort
🫶 hands heart mains coeur
👀 eyes look yeux regarder
🎉 party celebrate fete
🎁 gift cadeau
🎂 cake birthday gateau anniversaire
🍷 wine vin
🍸 drink cocktail verre
🍺 beer biere
☕ coffee cafe
🍵 tea the
🍓 strawberry fraise
🍑 peach peche
🍫 chocolate chocolat
🍕 pizza
🎵 music musique note
🎬 film movie cinema
📚 books livres lire
🎨 art paint peinture dessin
📷 camera photo appareil
✈️ plane travel avion voyage
🚆 train
🏠 home house maison
🛏️ bed lit
🛁 bath bain
⏰ alarm time reveil heure
📍 place pin lieu
🔒 lock secret cadenas
🔑 key cle
✅ yes done check oui fait
❌ no cross non croix
❓ question
❗ important attention
💡 idea idee lumiere
🐱 cat chat
🐶 dog chien
🦊 fox renard
🐻 bear ours
🦋 butterfly papillon
🐝 bee abeille
`;

export interface Emoji {
  readonly emoji: string;
  readonly words: string;
}

const emojis: readonly Emoji[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const space = line.indexOf(' ');
    return { emoji: line.slice(0, space), words: line.slice(space + 1) };
  });

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Those that all of the words begin a word of. */
export function findEmojis(words: string): readonly Emoji[] {
  const wanted = plain(words).split(/\s+/u).filter(Boolean);
  if (wanted.length === 0) return emojis;
  return emojis.filter((each) => {
    const has = each.words.split(' ');
    return wanted.every((word) => has.some((one) => one.startsWith(word)));
  });
}
