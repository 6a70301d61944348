//! The output of tools that tells nothing, known by its form: status lines, progress, listings, empty results. A line with an
//! error, a cure or any words of its own has none of these forms.

use std::sync::LazyLock;

use regex::RegexSet;
use serde_json::Value;

/// Most bytes of what is looked at. A longer output has a line of its own somewhere.
const LONGEST: usize = 8_000;

/// Bytes of the longest line.
const LONGEST_LINE: usize = 300;

/// Forms of a whole line, in lower case and without its last full stop. `DOTS` are three of them, `TAIL` what stands after a
/// bar of progress: numbers, sizes, times. A form has no place for words of one's own, and none is a single word that could be
/// somebody's hobby, illness or name.
const LINES: &[&str] = &[
    // Empty values.
    r"[\[{(<]\s*(no output|empty|none|null|no content)?\s*[\]})>]",
    r"null|nil|none|undefined|nan|n/a|void|no output",
    // Answers of servers.
    r"http/\d(\.\d)? \d{3}( [a-z' -]+)?",
    r"[2-5]\d\d:? (ok|created|accepted|no content|not modified|moved permanently|found|bad request|unauthorized|forbidden|not found|method not allowed|conflict|gone|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out)",
    // How a program ended.
    r"((the )?(command|process|program|script|job|task|build|step|run) )?((has |was )?(finished|exited|completed|terminated|ended|returned|executed|ran) ?)?(successfully ?)?(with )?\(?((exit|return|status) ?-?(code|status)?|code):? ?0\)?",
    r"(the )?(command|process|program|script|build|deployment|upload|download|installation|sync|export|import) (was |is |has )?(been )?(executed |run |finished |completed |ended )?(complete|completed|finished|done|success|successful|successfully|succeeded)( \(?\d{1,3} ?%\)?)?",
    r"[✓✔✅✨] ?(done|finished|completed?|compiled|built|bundled|success|succeeded|linted|formatted)",
    r"([✓✔✅✨] *)?(done|finished|completed?|compiled|built|bundled|ready|success|succeeded|linted|formatted|resolved|fetched)( successfully| compiling)? ?(in|after|\() ?(\d+ ?(ms|s)|\d+[.,]\d+ ?(ms|s|sec|seconds|m|min))\)?",
    r"([✓✔✅]|\[ok\]|\[done\]|ok|pass)[ :.]*(done|ok|success|passed|complete|completed|\(cached\))?( \[?\(?\d+(\.\d+)?(ms|s)\)?\]?)?",
    r"finished .{0,60}target\(s\) in [\d.]+m?s",
    // Nothing was found.
    r"(no|0|zero) (matching |relevant |search |more |such |new |other )?(results?|match|matches|items?|entries|records?|rows?|files?|documents?|data|output|hits|events|messages|memories|changes|updates|warnings|errors|issues|problems|vulnerabilities|tests?|content|response)( (were|was|are|is))?( (found|returned|available|matched|selected|affected|detected|to (commit|show|display|update)|yet|set))*( (for|in|on) (your|this|the|that) (query|search|request|database|index|folder|directory|file|memory|store))?( \([\d.]+ ?(ms|s|sec)\))?",
    r"nothing (to (commit|do|show|display|update|install)|found|changed|matched|returned)(, working tree clean)?",
    r"(keine|kein) (ergebnisse|treffer|dateien|einträge|daten|ausgabe|ergebnis)( gefunden| vorhanden)?",
    r"(aucun|aucune) (résultats?|fichiers?|données?|entrées?|correspondances?|sortie)( trouvée?s?| disponibles?)?",
    r"(no se (han )?(encontrado|encontraron)|sin) (resultados|archivos|coincidencias|datos|salida)|0 resultados( encontrados)?|ning[uú]n (resultado|archivo)( encontrado)?",
    r"(nenhum|nenhuma) (resultado|arquivo|ficheiro|dado|registro|correspondência|saída)( encontrad[oa]| disponível)?",
    r"(nessun|nessuna) (risultato|file|dato|elemento)( trovat[oa])?|geen (resultaten|bestanden|gegevens)( gevonden)?|brak (wyników|danych)|nie znaleziono (wyników|plików)|sonuç (bulunamadı|yok)|tidak ada (hasil|data|file)( ditemukan)?|không (có|tìm thấy) (kết quả|dữ liệu)( nào)?|inga (resultat|träffar)( hittades)?",
    r"ничего не найдено|(нет|не найдено) (результатов|данных|совпадений|файлов)|(результатов|файлов|совпадений) не найдено|найдено:? 0|(результаты|файлы|данные) не найдены",
    r"(未|没有|沒有)(找到|查到|查询到|搜索到)(任何)?(匹配|相关|相關|符合)?(的)?(结果|結果|文件|内容|记录|数据|项|條目|记忆)?|(无|暂无|查无)(结果|数据|内容|记录|输出|匹配)|共? ?0 ?(条|个)(结果|记录|文件)",
    r"(該当する|一致する)?(結果|ファイル|データ|項目|検索結果|情報)(は|が)?(見つかりません(でした)?|ありません(でした)?|0件(です)?)|該当(なし|データなし)|(検索)?結果:? ?0 ?件|0 ?件の結果",
    r"(검색 ?)?(결과|데이터|파일|항목)(가|이)? ?(없음|없습니다|없어요)|(일치하는 )?(결과|파일|항목)(를|을) 찾을 수 없습니다|0 ?(개|건)의 ?결과",
    r"(لا توجد|لم يتم العثور على|لا يوجد|لم يعثر على)( أي| اي)? ?(نتائج|نتيجة|بيانات|ملفات|ملف|محتوى|تغييرات)( مطابقة)?|[0٠] نتائج",
    r"कोई (परिणाम|फ़ाइल|फाइल|डेटा|रिकॉर्ड|मिलान)( नहीं)? ?(मिला|मिली|मिले|उपलब्ध)( नहीं)?( है)?|0 परिणाम( मिले)?",
    r"(ไม่พบ|ไม่มี)(ผลลัพธ์|ไฟล์|ข้อมูล|รายการ|ผลการค้นหา)(ที่ตรงกัน|ที่ตรงกับการค้นหา|ที่ค้นหา)?|พบ ?0 ?รายการ",
    // Progress.
    r"(downloading|uploading|loading|fetching|searching|processing|building|compiling|installing|indexing|scanning|analy[sz]ing|resolving|thinking|generating|connecting|initiali[sz]ing|starting|running|waiting|please wait|preparing|reading|writing|syncing|updating|extracting|verifying|checking|cloning|unpacking|copying)( (the|web|files?|packages?|dependencies|data|results?|index|database|memory|memories|documents?|project|server|request|images?|model|for|codebase|repository|pages?|tests?|modules?|your|response|all|cache|records?|embeddings|chunks|objects))*( \S*[./_]\S*)? ?DOTS TAIL",
    r"(downloading|uploading|loading|fetching|searching|processing|installing|indexing|scanning|extracting|receiving objects|counting objects|compressing objects|resolving deltas|unpacking objects|writing objects)( (files?|packages?|data|images?|model|pages?|records?|chunks|objects))?( \S*[./_]\S*)?:? (BAR ?)?\(?\d+([.,]\d+)? ?(%|([kmg]i?b)? ?(/|of) ?\d+([.,]\d+)? ?([kmg]i?b)?|[kmg]i?b(/s)?) ?TAIL",
    r"([\d/.]+ |\d+ ?% ?)?BAR ?TAIL",
    r"\d{1,3}(\.\d+)? ?% (complete|completed|done|loaded|finished)",
    r"(epoch|batch|chunk|iteration|fold) \d+ ?(/|of) ?\d+:?( BAR)? ?TAIL",
    r"(progress:? \d+ ?%|status:? (ok|done|completed?|success|ready|healthy))( \(?100 ?%\)?)?",
    r"(上传|下载|加载|处理|安装|保存|同步|编译|构建|导入|导出|搜索|执行|运行)(完成|成功|中|完毕|结束|DOTS)[\s:：]*(DOTS)?[\d\s/%.]*",
    r"(処理|読み込み|読込|ダウンロード|アップロード|インストール|検索|更新|保存|同期|実行)(中|完了|しました|が完了しました|DOTS)(です)?[\s:：]*(DOTS)?[\d\s/%.件]*",
    r"(다운로드|업로드|로딩|로드|설치|처리|저장|검색|업데이트|동기화|빌드)( ?중| ?완료| ?성공|DOTS)(입니다|되었습니다)?[\s:]*(DOTS)?[\d\s/%.개]*",
    r"(загрузка|обработка|установка|обновление|сохранение|поиск|синхронизация|выполнение|сборка)( завершена| завершено| выполнена| успешно|DOTS)+[\s:]*(\d+ (из|/) \d+|[\d\s%/.]*)",
    r"(جار[يٍ]?|جارٍ) (التحميل|التنزيل|البحث|المعالجة|الرفع|الحفظ|التثبيت|التحديث)[\s:]*(DOTS)?[\d٠-٩\s%٪/.]*|(اكتمل|تم) (التحميل|التنزيل|الرفع|الحفظ|التثبيت|التحديث)( بنجاح)?",
    r"(lade|lädt|suche|verarbeite|installiere|speichere|aktualisiere)( daten| dateien| pakete)? ?DOTS ?[\d\s%/.]*|(download|upload|installation|vorgang|import|export|synchronisierung|aktualisierung|sicherung) (abgeschlossen|beendet|erfolgreich)( \(?\d+ ?%\)?)?",
    r"(téléchargement|chargement|traitement|installation|recherche|synchronisation|enregistrement)( en cours| terminée?| réussie?)* ?DOTS[ :]*[\d\s%/.]*|(téléchargement|chargement|installation) (en cours|terminée?|réussie?)",
    r"(descargando|cargando|procesando|buscando|instalando|subiendo|guardando|baixando|carregando|processando|enviando|salvando|pesquisando) ?DOTS[ :]*[\d\s%/.]*|(descarga|instalación|instalação) (completada?|completa|finalizada|concluída|terminada)",
    r"(डाउनलोड|अपलोड|लोड|लोडिंग|खोज|प्रोसेसिंग)( हो रहा है| जारी है| पूरा| पूर्ण| हो रही है|DOTS)+[\s:]*(DOTS)?[\d०-९\s%/.]*|(กำลัง(ดาวน์โหลด|อัปโหลด|โหลด|ประมวลผล|ค้นหา|ติดตั้ง|บันทึก)|(ดาวน์โหลด|อัปโหลด|โหลด|ติดตั้ง|บันทึก)(ข้อมูล|ไฟล์)?(เสร็จสิ้น|สำเร็จ|เสร็จแล้ว))(ข้อมูล|ไฟล์)?[\s:]*(DOTS)?[\d๐-๙\s%/.]*",
    // Counts.
    r"\d+ (files?|rows?|items?|records?|results?|lines?|matches|match|documents?|entries|objects?|packages?|tests?|specs?|suites?|messages?) (found|copied|changed|affected|deleted|updated|created|moved|selected|returned|processed|imported|exported|removed|written|scanned|checked|passed|uploaded|downloaded|in set|matched|reformatted|left unchanged)( in [\d.]+ ?m?s| \([\d.]+ ?(s|sec|ms)\)| successfully)?",
    r"\d+ files? changed(, \d+ (insertions?|deletions?|warnings?|errors?)(\([+-]\))?)*",
    r"showing \d+( ?- ?\d+)?( of \d+)? (results?|entries|items)|found \d+ (results?|matches|files?|items|documents|vulnerabilities)( in \d+ (files|directories))?",
    r"\d+ datei(\(en\)|en)? (kopiert|gefunden|verschoben|gelöscht)|\d+ (fichiers?|archivos?|ficheros?|arquivos?|ficheiros?) (copiés?|trouvés?|copiados?|encontrados?|movidos?|modifi(és?|cados?))|(скопировано|обработано|загружено|найдено) (файлов: )?\d+( (из \d+|файл(ов|а)?))?|файлов (скопировано|обработано|загружено): \d+",
    r"query ok,? ?\d+ rows? affected( \([\d.]+ sec\))?|insert 0 \d+|(update|delete) \d+|(create|drop|alter) table",
    r"total 0",
    // Version control, packages, tests.
    r"already up[ -]to[ -]date|everything up-to-date|your branch is up to date with .{1,60}|nothing added to commit.*|no changes added to commit.*|working tree clean|changes not staged for commit:?|untracked files:?|initialized empty git repository.*",
    r"reading (package lists|state information)(DOTS)?( done)?|building dependency tree(DOTS)?( done)?|\d+ upgraded, \d+ newly installed, .*|(added|removed|changed|audited|up to date)[, ].{0,60}packages?.* in [\d.]+ ?m?s|found \d+ vulnerabilities|requirement already satisfied: .{1,120}|up to date( in [\d.]+ ?m?s)?|all packages are up to date|fetched .{1,20} in \d+s.*",
    r"(all )?\d* ?tests? passed( in [\d.]+ ?m?s)?|all (tests|checks) (have )?passed|=+ .{0,60}passed.* in [\d.]+s ?=*|test result: ok\..*|running \d+ tests?|tests?: +\d+ passed, \d+ total|test suites?: +\d+ passed, \d+ total|snapshots?: +\d+ total|time: +[\d.]+ ?s(, estimated .{1,10})?|ran \d+ tests? in [\d.]+s|build (succeeded|successful)( in [\d.]+ ?m?s)?|\d+ (passed|passing)( \([\d.]+m?s\))?( in [\d.]+s)?|0 (errors|failed|failing|warnings|problems)(, 0 (errors|warnings|skipped|failed))*|lint(ing)? (passed|ok|complete)|no (lint|type|linting) errors( found)?",
    // Networks, logs that tell of a start.
    r"ping \S+ ?\([\d.:a-f]+\):? .{0,40}bytes.{0,20}|\d+ bytes from .{1,80}|\d+ packets transmitted.*|rtt min/avg.*|--- \S+ ping statistics ---",
    r#"(info|debug): +[\d.]+:\d+ - "(get|post|put|delete|head|options) \S+ http/[\d.]+" \d{3}.*"#,
    r"\[?\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d)?[\d.,z+:-]*\]? +\[?(info|debug|trace)\]?[: ] *(\S+ )?(server |service |worker |worker-\d+ |scheduler |app |application |process |listener )?(is |has )?(started|starting|listening|heartbeat|ready|running|healthy|ok|done|connected|up|initialized)( on (port )?\S+| at \S+| in [\d.]+ ?m?s)?",
];

/// Lines that have a form only beside others.
const AMONG_OTHERS: &[&str] = &[
    r"total \d+[kmg]?",
    r"[d-][rwxst-]{9}[.+@]? .{1,100}",
    r"on branch \S+",
    r"(content-type|content-length|cache-control|retry-after|etag|transfer-encoding): .{1,80}",
    r"\$ (ls|git status|git pull|pwd|clear|make|cargo build|npm install|npm run build)( -\w+)*",
];

/// Forms of one line alone, and of one among others.
static FORMS: LazyLock<[RegexSet; 2]> = LazyLock::new(|| {
    let whole = |line: &&str| {
        let line = line.replace("DOTS", r"(?:\.{2,}|…)").replace("BAR", BAR).replace("TAIL", TAIL);
        format!("^(?:{line})$")
    };
    let alone = LINES.iter().map(whole);
    let among = LINES.iter().chain(AMONG_OTHERS).map(whole);
    [RegexSet::new(alone).expect("patterns"), RegexSet::new(among).expect("patterns")]
});
/// A bar of progress.
const BAR: &str = r"(?:[\[(|][#=█▓▒░▏▎▍▌▋▊▉■□▮▯━─╸•○●>. -]{3,}[\])|]|[█▓▒░▏▎▍▌▋▊▉■□▮▯━╸]{3,})";
/// What may follow it.
const TAIL: &str = r"(?:[\d\s:.,%/()|\[\]<>?~=#█▓▒░▏▎▍▌▋▊▉━╸-]|eta|of |it/s|s/it|[kmg]i?b(?:/s)?|left|remaining|done|complete|(?:val_)?(?:loss|accuracy|acc)|lr|m?s/step|m?s)*";

/// What ends a sentence, and decides nothing.
const FULL_STOPS: [char; 4] = ['.', '!', '\u{3002}', '\u{ff01}'];

/// Whether a text is nothing but such output.
#[must_use]
pub fn is_tool_output(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let json = text.trim().trim_end_matches(FULL_STOPS).to_lowercase();
    if json.starts_with(['{', '[']) && serde_json::from_str::<Value>(&json).is_ok_and(|value| says_nothing(&value)) {
        return true;
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let forms = &FORMS[usize::from(lines.len() > 1)];
    let has_form = |line: &str| {
        let line = line.to_lowercase();
        let ended = line.trim_end_matches(FULL_STOPS);
        line.len() <= LONGEST_LINE && (forms.is_match(&line) || forms.is_match(ended))
    };
    !lines.is_empty() && lines.into_iter().all(has_form)
}

/// Whether JSON tells only how a call went: states, counts, nothing.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(|item| matches!(item, Value::Null)),
        Value::Object(fields) => fields.iter().all(|(key, value)| is_state(key, value)),
        _ => false,
    }
}

const STATES: &[&str] = &[
    "",
    "ok",
    "success",
    "successful",
    "succeeded",
    "done",
    "completed",
    "complete",
    "finished",
    "running",
    "pending",
    "queued",
    "healthy",
    "up",
    "ready",
    "idle",
    "none",
    "null",
    "true",
    "false",
    "no results",
    "no results found",
    "not found",
    "no content",
    "accepted",
    "created",
];
const HOW_IT_WENT: &[&str] = &[
    "status",
    "state",
    "ok",
    "success",
    "result",
    "results",
    "data",
    "items",
    "hits",
    "matches",
    "count",
    "total",
    "page",
    "pages",
    "per_page",
    "limit",
    "offset",
    "error",
    "errors",
    "message",
    "msg",
    "code",
    "statuscode",
    "status_code",
    "exit_code",
    "exitcode",
    "returncode",
    "took",
    "elapsed",
    "elapsed_ms",
    "duration",
    "duration_ms",
    "time_ms",
    "latency_ms",
    "has_more",
    "hasmore",
    "next",
    "next_cursor",
    "cursor",
    "done",
    "warnings",
    "memories",
    "documents",
    "files",
    "records",
    "rows",
    "entries",
    "output",
    "stdout",
    "stderr",
    "timed_out",
    "truncated",
    "progress",
    "healthy",
    "cached",
    "deleted",
    "updated",
    "created",
    "affected",
    "response",
    "content",
    "value",
    "acknowledged",
];

fn is_state(key: &str, value: &Value) -> bool {
    let known = HOW_IT_WENT.contains(&key);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => known,
        Value::String(text) => known && STATES.contains(&text.trim_end_matches(FULL_STOPS)),
        Value::Array(items) => known && items.iter().all(|item| matches!(item, Value::Null | Value::Bool(_) | Value::Number(_))),
        Value::Object(fields) => known && says_nothing(&Value::Object(fields.clone())),
    }
}
