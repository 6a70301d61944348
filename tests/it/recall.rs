//! What a search tells and what it leaves out: scores that are chances, languages, words that are only begun.

use jonathans_memory::app::Outside;
use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};

async fn with_local_model() -> TestApp {
    TestApp::start_with(&[("EMBEDDER_PROVIDER", "local")], Outside::default()).await
}

async fn keep(app: &TestApp, who: &Person, memories: Value) {
    let body = json!({ "memories": memories });
    let (status, answer) = app.rest(&who.jwt, "POST", "/api/v1/memories/batch?wait=true", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn keep_texts(app: &TestApp, who: &Person, texts: &[&str]) {
    keep(app, who, texts.iter().map(|text| json!({ "text": text })).collect()).await;
}

async fn ask(app: &TestApp, who: &Person, body: Value) -> Value {
    let (status, answer) = app.rest(&who.jwt, "POST", "/api/v1/memories/search", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn texts(hits: &Value) -> Vec<&str> {
    hits.as_array().map(|hits| hits.iter().filter_map(|hit| hit["memory"].as_str()).collect()).unwrap_or_default()
}

const FACTS: [&str; 8] = [
    "Maria is allergic to peanuts and carries an EpiPen",
    "The team deploys the billing service on Thursdays after the review",
    "My sister Lena lives in Porto with her two dogs",
    "I am reading a novel about the sea, by Conrad",
    "The car insurance runs out at the end of June",
    "Our staging database is called harbor-2 and runs on Postgres",
    "I play the cello in the town's orchestra every Wednesday",
    "The dentist's appointment was moved to the twelfth of March",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_told_and_what_is_not_is_nothing() {
    let app = with_local_model().await;
    let ann = app.person("ann").await;
    keep_texts(&app, &ann, &FACTS).await;
    for (question, fact) in [
        ("What may Maria not eat?", 0),
        ("when do we ship billing?", 1),
        ("Where does my sister live?", 2),
        ("which instrument do I play", 6),
        ("staging database", 5),
        ("When is my dentist appointment?", 7),
    ] {
        let answer = ask(&app, &ann, json!({ "query": question })).await;
        assert_eq!(answer["results"][0]["memory"], FACTS[fact], "{question}: {answer}");
        let score = answer["results"][0]["score"].as_f64().expect("a score");
        assert!((0.06..=1.0).contains(&score), "{question}: {score}");
    }
    for question in
        ["zzzzqqqq xkcd", "How tall is the Eiffel tower?", "What is the capital of Mongolia?", "Which protein does the gene encode?"]
    {
        let answer = ask(&app, &ann, json!({ "query": question })).await;
        assert_eq!((texts(&answer["results"]).len(), &answer["reason"]), (0, &json!("nothing_relevant")), "{question}: {answer}");
        assert_eq!(answer["left_out"], json!({ "less_relevant": FACTS.len() }), "{answer}");
        assert!(answer.get("nearest").is_none(), "only where it is asked for: {answer}");
        let near = ask(&app, &ann, json!({ "query": question, "limit": 3, "nearest": true })).await;
        assert_eq!((texts(&near["results"]).len(), texts(&near["nearest"]).len()), (0, 3), "{near}");
        let all = ask(&app, &ann, json!({ "query": question, "threshold": 0 })).await;
        assert_eq!(texts(&all["results"]).len(), FACTS.len(), "all where all is asked for: {all}");
        let told = app.tool(&ann, "search_memory", json!({ "query": question, "detail": "short" })).await;
        assert_eq!(told["structuredContent"]["reason"], "nothing_relevant", "{told}");
        assert!(told["content"][0]["text"].as_str().is_some_and(|text| text.contains("Nothing is known about this")), "{told}");
        let (_, context) = app.rest(&ann.jwt, "POST", "/api/v1/context", Some(json!({ "query": question }))).await;
        let parts: Vec<_> = context["memories"].as_array().expect("memories").iter().map(|memory| &memory["part"]).collect();
        assert!(!parts.contains(&&json!("relevant")), "{context}");
    }
    let strict = ask(&app, &ann, json!({ "query": "cello", "threshold": 0.99, "nearest": true })).await;
    assert_eq!((&strict["reason"], texts(&strict["nearest"])[0]), (&json!("below_threshold"), FACTS[6]), "{strict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_in_one_language_finds_what_was_said_in_another() {
    let app = with_local_model().await;
    for (number, (memories, questions)) in [
        (
            &["我对花生过敏", "女儿的生日是五月三日", "老板不喜欢用邮件沟通", "家里的猫叫年糕"][..],
            &[("What am I allergic to?", 0), ("¿Cómo se llama el gato?", 3)][..],
        ),
        (
            &["Mi hermana vive en Oporto con dos perros", "El seguro del coche vence en junio", "Toco el violonchelo los miércoles"],
            &[("Where does my sister live?", 0), ("我什么时候拉大提琴？", 2), ("Wann endet die Autoversicherung?", 1)],
        ),
        (
            &["У меня аллергия на орехи", "Встреча перенесена на вторник", "Ключи лежат под ковриком"],
            &[("Where are the keys?", 2), ("ما الذي لدي حساسية منه؟", 0)],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let person = app.person(&format!("traveller{number}")).await;
        keep_texts(&app, &person, memories).await;
        for (question, right) in questions {
            let answer = ask(&app, &person, json!({ "query": question, "threshold": 0 })).await;
            assert_eq!(answer["results"][0]["memory"], memories[*right], "{question}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_or_stands_within_a_word_is_found() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let texts_kept =
        ["Carries an EpiPen", "Die Donaudampfschifffahrt fährt im Mai", "Mail ana.b@example.com", "Das Café in Köln", "a lake"];
    keep_texts(&app, &ann, &texts_kept).await;
    for (query, right) in [("EpiP", 0), ("naudampf", 1), ("ana.b@example.com", 2), ("cafe koln", 3), ("Donaudampfschifffahrt", 1)] {
        let answer = ask(&app, &ann, json!({ "query": query })).await;
        assert_eq!(answer["results"][0]["memory"], texts_kept[right], "{query}: {answer}");
        assert!(answer["results"][0]["scores"]["lexical"].as_f64() > Some(0.0), "{query}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_another_day_is_found_by_that_day() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let said = |text: &str, day: &str| json!({ "text": text, "occurred_at": day });
    let memories = json!([
        said("We walked the dogs", "2023-05-20"),
        said("We walked the dogs along the river with Tom and Ana", "2023-09-12"),
        said("上周六我们遛狗了", "2023-08-23"),
    ]);
    keep(&app, &ann, memories).await;
    for (query, right) in [("walked on 20 May 2023?", "We walked the dogs"), ("遛狗 2023年8月19日", "上周六我们遛狗了")] {
        let answer = ask(&app, &ann, json!({ "query": query, "threshold": 0 })).await;
        let hits = answer["results"].as_array().expect("results");
        let dated: Vec<_> = hits.iter().filter(|hit| hit["scores"]["date"].as_f64() > Some(1.0)).map(|hit| &hit["memory"]).collect();
        assert_eq!(dated, [right], "{query}: {answer}");
    }
}
