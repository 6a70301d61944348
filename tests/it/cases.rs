//! What people had said and the product had lost: each line with its right outcome, by kind.

use jonathans_memory::app::Outside;
use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};

async fn start() -> TestApp {
    TestApp::start_with(&[("JM__GATE__JUNK", "true"), ("EMBEDDER_PROVIDER", "local")], Outside::default()).await
}

async fn batch(app: &TestApp, by: &Person, texts: &[String]) -> Vec<Value> {
    let memories: Vec<_> = texts.iter().map(|text| json!({ "text": text })).collect();
    let (status, answer) = app.rest(&by.api_key, "POST", "/api/v1/memories/batch?wait=true", Some(json!({ "memories": memories }))).await;
    assert_eq!(status, 200, "{answer}");
    answer["results"].as_array().expect("results").clone()
}

const KEPT: &[&str] = &[
    "Blood type: A+",
    "Dog: Rex",
    "Coffee: black",
    "PNR: K7XQ2M",
    "DOB 12/03/1984",
    "TODO: renew passport",
    "I have one child",
    "I use a Mac",
    "We use trunk based development",
    "ERROR 1045 (28000): access denied, fixed by GRANT on app user",
    "def add(a, b): return a + b  # keep this signature",
    "https://status.example.com",
    "我对青霉素过敏",
    "我住在杭州",
    "密码由王强保管",
    "用户住在上海",
    "京都に住んでいます",
    "誕生日は五月三日です",
    "Я вегетарианка.",
    "Я живу в Москве.",
    "Ich habe einen Sohn.",
    "Ich bevorzuge kurze Antworten.",
    "Der Nutzer bevorzugt kurze Antworten.",
    "Je suis végétarienne.",
    "Prefiero respuestas cortas",
    "Tenho um filho",
    "Prod commit is 3f2a9b7c1d4e5f60718293a4b5c6d7e8f9012345",
    "ETH wallet 0x52908400098527886E0F7030069857D2E4169EE7",
    "/home/maria/Documents/Projects/2024/KitchenRenovation/plans",
    "Donaudampfschifffahrtsgesellschaftskapitaen is her favourite word",
    "Decision in Harbor: REST errors are problem+json.",
    "When you are unsure, ask me one question instead of guessing.",
    "User finished their thesis.",
    "I like short answers.",
    "Mám dvě dcery",
    "Bor på Frogner",
    "Είμαι χορτοφάγος",
    "אני גר בחיפה",
    "Tôi dị ứng với tôm",
    "Minulla on kaksi kissaa",
];

/// What a person has or does, in the third person and the first.
const LIVES: &[(&str, &str)] = &[
    ("works as a teacher", "work as a teacher"),
    ("plays the cello", "play the cello"),
    ("uses Neovim", "use Neovim"),
    ("is learning Japanese", "am learning Japanese"),
    ("bought a house", "bought a house"),
    ("has two sons", "have two sons"),
    ("has asthma", "have asthma"),
    ("speaks French and German", "speak French and German"),
    ("prefers dark mode", "prefer dark mode"),
    ("does not like onions", "don't like onions"),
    ("owns a bakery", "own a bakery"),
    ("reads science fiction", "read science fiction"),
    ("prefers short answers", "prefer short answers"),
    ("rows on Sundays", "row on Sundays"),
    ("is left-handed", "am left-handed"),
];

#[tokio::test(flavor = "multi_thread")]
async fn short_plain_and_odd_facts_are_stored_by_every_door() {
    let app = start().await;
    let ann = app.person("ann").await;
    let mut texts: Vec<String> = KEPT.iter().map(|text| (*text).to_owned()).collect();
    for (third, first) in LIVES {
        texts.extend([format!("I {first}."), format!("User {third}."), format!("The user {third}"), format!("Remember that I {first}.")]);
    }
    for (text, result) in texts.iter().zip(batch(&app, &ann, &texts).await) {
        assert_eq!(result["event"], "ADD", "{text}: {result}");
    }
    // A full stop, or its absence, turns nothing; neither does the tool.
    let eve = app.person("eve").await;
    for text in &texts {
        let bare = text.trim_end_matches('.');
        let dressed = if bare.len() < text.len() { bare.to_owned() } else { format!("{text}.") };
        let added = app.tool(&eve, "add_memories", json!({ "text": dressed })).await;
        assert_eq!(added["structuredContent"]["results"][0]["event"], "ADD", "{dressed}: {added}");
    }
    let nothing = ["ok thanks", "\u{1f44d}\u{1f44d}", "Exit code: 0", "谢谢", "haha"].map(str::to_owned);
    for (text, result) in nothing.iter().zip(batch(&app, &ann, &nothing).await) {
        assert_eq!(result["state"], "held", "{text}: {result}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_where_a_script_writes_no_spaces() {
    let app = start().await;
    for (number, (texts, questions)) in [
        (
            &[
                "我对花生过敏",
                "我每年春天都喜欢在优胜美地攀岩",
                "我最喜欢的咖啡店是北京的蓝屏咖啡",
                "女儿的生日是五月三日",
                "每周二晚上去上法语课",
                "老板不喜欢用邮件沟通",
                "家里的猫叫年糕",
            ][..],
            &[("过敏", 0), ("咖啡店", 2), ("我喜欢在哪里攀岩？", 1)][..],
        ),
        (
            &["ฉันแพ้กุ้ง", "หมาของฉันชื่อมะลิ", "เรียนเปียโนทุกวันพุธ", "ประชุมเริ่มเก้าโมงเช้า", "ประกันรถหมดเดือนมิถุนายน"],
            &[("แพ้อะไร", 0), ("เปียโน", 2), ("ประชุมกี่โมง", 3)],
        ),
        (
            &[
                "The handler is handlePaymentFailed in the billing service",
                "Payment reminders failed twice in May",
                "The handler of complaints is Ana",
                "retryBackoffSeconds is set to 30",
                "The retry of the job took 40 seconds",
            ],
            &[("handle payment failed", 0), ("retry backoff seconds", 3)],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let person = app.person(&format!("reader{number}")).await;
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        batch(&app, &person, &texts).await;
        for (question, right) in questions {
            let (_, found) = app.rest(&person.api_key, "POST", "/api/v1/memories/search", Some(json!({ "query": question }))).await;
            assert_eq!(found["results"][0]["memory"], json!(texts[*right]), "{question}: {found}");
        }
    }
}

/// Some three hundred words that have to do with none of the questions below.
fn minutes() -> Vec<&'static str> {
    "The board met at nine in the parish hall and nobody was late. The minutes of the spring meeting were read and approved \
     without a change. The treasurer showed the figures of the first half year; membership fees came in as planned. The heating \
     bill was higher than last year, and the insurance will rise again in autumn. A new printer was bought for the office. The \
     roof of the shed was repaired by volunteers on two Saturdays. The website has moved to another provider and costs less now. \
     The newsletter goes out on the first of each month. The library has lent four hundred books since January. Two chairs are \
     broken and will be replaced before the next lecture. The caretaker asks everybody to close the windows. The bicycle rack \
     will be moved to the other side of the gate. The contract with the cleaning company was extended by a year. The first aid \
     course had eleven participants. The town has approved our application for a grant. The car park stays closed during the \
     works on the road. Keys are to be signed for at the desk. The lawn will be mown every second week. The board thanks the \
     retiring secretary for nine years of work. The choir practises on Thursdays as before. The projector in the small room has \
     a new lamp. The archive was sorted by year and has a list of contents. The general assembly is planned for November. The \
     agenda will be sent out three weeks before. Proposals can be handed in until the end of October. The statutes need one \
     correction of form. The auditors had no objections. The next meeting of the board is on the second Tuesday of July."
        .split_inclusive(". ")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_late_in_a_long_text_is_found_by_its_meaning() {
    let app = start().await;
    let others = [
        "Music lessons cost 40 euros",
        "Omar plays football on Sundays",
        "Summer holidays begin in July",
        "Anna likes to dance at weddings",
        "The party hat is in the attic",
        "Tom collects vinyl records",
    ];
    // The sentence, a question in other words, and where the sentence stands.
    for (number, (sentence, question, place)) in [
        ("Omar promised to bring his saxophone to the garden party.", "Which instrument will be played at the party?", 1.0),
        ("Lena will look after the toddlers while we sing.", "Who is babysitting?", 0.8),
        ("The ferry back leaves the island at half past ten at night.", "When is the last boat home?", 1.0),
        ("The vet found a tumour in the dog's paw.", "What illness does our pet have?", 0.6),
    ]
    .into_iter()
    .enumerate()
    {
        let person = app.person(&format!("secretary{number}")).await;
        let mut sentences = minutes();
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a place in a short list")]
        let at = (sentences.len() as f64 * place) as usize;
        let spaced = format!(" {sentence} ");
        sentences.insert(at, &spaced);
        let long = sentences.concat();
        let texts: Vec<_> = others.iter().map(|text| (*text).to_owned()).chain([long.trim().to_owned()]).collect();
        batch(&app, &person, &texts).await;
        let (_, found) = app.rest(&person.api_key, "POST", "/api/v1/memories/search", Some(json!({ "query": question }))).await;
        let results = found["results"].as_array().expect("results");
        let rank = results.iter().position(|hit| hit["memory"] == json!(long.trim())).expect("found");
        assert!(rank < 3, "{question}: {rank} in {found}");
        let part = results[rank]["part"].as_str().expect("the part that answers is named");
        assert!(part.contains(sentence) && part.len() < long.len() / 2, "{question}: {part}");
        assert!(results.iter().filter(|hit| hit.get("part").is_some()).count() == 1, "{found}");
        // A context has no room for all of it: what is cut is the rest, not the answer.
        let (_, context) = app.rest(&person.api_key, "POST", "/api/v1/context", Some(json!({ "query": question, "tokens": 1_000 }))).await;
        assert!(context["text"].as_str().is_some_and(|text| text.contains(sentence)), "{question}: {context}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_that_becomes_short_is_found_by_what_it_says_now() {
    let app = start().await;
    let ann = app.person("ann").await;
    let long = format!("{} Omar promised to bring his saxophone to the garden party.", minutes().concat());
    let added = batch(&app, &ann, &[long, "Tom collects vinyl records".into()]).await;
    let id = added[0]["id"].as_str().expect("an id");
    let change = json!({ "text": "The board meets in July." });
    let (status, changed) = app.rest(&ann.api_key, "PUT", &format!("/api/v1/memories/{id}"), Some(change)).await;
    assert_eq!(status, 200, "{changed}");
    let question = json!({ "query": "Which instrument will be played at the party?", "threshold": 0 });
    let (_, found) = app.rest(&ann.api_key, "POST", "/api/v1/memories/search", Some(question)).await;
    let hits = found["results"].as_array().expect("results");
    assert_eq!(hits.len(), 2, "{found}");
    assert!(hits.iter().all(|hit| hit.get("part").is_none()), "{found}");
}
