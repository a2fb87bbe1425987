//! Tables with names that the operator chooses.

use std::{fs, net::IpAddr};

use palisade_config::{
    Capture, Layout, Loaded, Named, Problem, Problems, Report, Rules, Schema, SectionError, Sources, docs,
    figment::{Provider as _, providers::Serialized},
};
use palisade_core::{Environment, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sample::{Directory, Settings};

/// An identity provider.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Provider {
    /// Who it is.
    issuer: String,
    /// Who we are there.
    client_id: String,
    #[serde(default)]
    client_secret: Option<Secret>,
    /// How long it may take, in seconds.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 60))]
    timeout_seconds: u32,
}

fn ten() -> u32 {
    10
}

impl Rules for Provider {
    fn check(&self, _: Environment, problems: &mut Problems) {
        if self.issuer.starts_with("http:") && problems.is_set("issuer") {
            problems.reject("issuer", "must be reached by https");
        }
    }
}

/// A section with items within it, and a field of its own that looks like one of theirs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct SignIn {
    oidc_name: String,
    address: Option<IpAddr>,
    /// Who else may say who somebody is.
    oidc: Named<Provider>,
}

impl Rules for SignIn {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        problems.within("oidc", |problems| self.oidc.check(environment, problems));
    }
}

const GOOGLE: [(&str, &str); 2] =
    [("PROVIDERS_GOOGLE_ISSUER", "https://google.example"), ("PROVIDERS_GOOGLE_CLIENT_ID", "shop")];

fn layout() -> Layout<Settings> {
    Layout::new().with::<Named<Provider>>("providers").with::<SignIn>("sign_in")
}

fn load(sources: &Sources) -> Result<Loaded<Settings>, Report> {
    layout().check().unwrap();
    layout().load(sources)
}

fn from_env(variables: &[(&str, &str)]) -> Result<Loaded<Settings>, Report> {
    load(&Sources::new(Capture::new(variables.iter().copied())))
}

fn providers(loaded: &Loaded<Settings>) -> &Named<Provider> {
    loaded.sections.get().unwrap()
}

fn names(loaded: &Loaded<Settings>) -> Vec<&str> {
    providers(loaded).keys().map(String::as_str).collect()
}

fn problems(report: Result<Loaded<Settings>, Report>) -> Vec<(String, String, String)> {
    let report = report.map(|loaded| loaded.dump()).unwrap_err();
    let shown = |p: &Problem| (p.key.clone(), p.origin.to_string(), p.message.clone());
    report.problems().iter().map(shown).collect()
}

#[test]
fn there_are_none_where_nobody_names_one() {
    assert!(providers(&from_env(&[]).unwrap()).is_empty());
    assert!(providers(&from_env(&[("PROVIDERS_GOOGLE_CLIENT_ID", "")]).unwrap()).is_empty());
}

#[test]
fn an_item_is_put_together_from_every_layer() {
    let files = [
        ("palisade.toml", "[providers.google]\nissuer = \"a\"\nclient_id = \"a\"\ntimeout_seconds = 1\n"),
        ("palisade.local.toml", "[providers]\ngoogle.client_id = \"b\"\ngoogle.timeout_seconds = 2\n"),
        (".env", "PROVIDERS_GOOGLE_TIMEOUT_SECONDS=4\nPROVIDERS_GOOGLE_CLIENT_SECRET_FILE=secret\n"),
    ];
    let directory = Directory::with(&files);
    fs::write(directory.0.path().join("secret"), "hunter2\n").unwrap();
    let store = Serialized::default("providers.google.timeout_seconds", 3);
    let sources =
        directory.sources(&[("PROVIDERS_GOOGLE_TIMEOUT_SECONDS", "5")]).provider("the store", store.data());
    let loaded = load(&sources.set("providers.google.timeout_seconds=6")).unwrap();
    let google = &providers(&loaded)["google"];
    assert_eq!((google.issuer.as_str(), google.client_id.as_str(), google.timeout_seconds), ("a", "b", 6));
    assert_eq!(google.client_secret.as_ref().unwrap().expose(), "hunter2");
    let given = loaded.explain("PROVIDERS_GOOGLE_TIMEOUT_SECONDS").unwrap().layers;
    let given: Vec<_> = given.iter().map(|(origin, value)| format!("{value} by {origin}")).collect();
    let expected = [
        "1 by palisade.toml:4",
        "2 by palisade.local.toml:3",
        "3 by the store",
        "4 by .env:1 (PROVIDERS_GOOGLE_TIMEOUT_SECONDS)",
        "5 by environment variable PROVIDERS_GOOGLE_TIMEOUT_SECONDS",
        "6 by command line (--set)",
    ];
    assert_eq!(given, expected);
}

#[test]
fn each_layer_alone_may_name_an_item() {
    let with_env = from_env(&GOOGLE).unwrap();
    assert_eq!(names(&with_env), ["google"]);
    let command_line =
        Sources::default().set("providers.google.issuer=x").set("PROVIDERS_GOOGLE_CLIENT_ID=y");
    assert_eq!(names(&load(&command_line).unwrap()), ["google"]);
    let store = Serialized::default("providers", json!({"google": {"issuer": "x", "client_id": "y"}}));
    assert_eq!(names(&load(&Sources::default().provider("the store", store.data())).unwrap()), ["google"]);
    let values = json!({"providers": {"google": {"issuer": "x", "client_id": "y"}}});
    let (_, sections) = layout().read_values(values.as_object().unwrap()).unwrap();
    assert_eq!(sections.get::<Named<Provider>>().unwrap()["google"].client_id, "y");
}

#[test]
fn items_stand_within_a_section_too() {
    let variables = [
        ("SIGN_IN_OIDC_GOOGLE_ISSUER", "http://google.example"),
        ("SIGN_IN_OIDC_GOOGLE_CLIENT_ID", "shop"),
        ("SIGN_IN_OIDC_NAME", "no item"),
    ];
    let found = problems(from_env(&variables));
    let refused = ("sign_in.oidc.google.issuer", "environment variable SIGN_IN_OIDC_GOOGLE_ISSUER");
    assert_eq!((found[0].0.as_str(), found[0].1.as_str()), refused);
    let toml = "[sign_in]\noidc_name = \"x\"\n[sign_in.oidc.my-idp]\nissuer = \"x\"\nclient_id = \"y\"\n";
    let loaded =
        load(&Directory::with(&[("palisade.toml", toml)]).sources(&[("SIGN_IN_OIDC_MY_IDP_CLIENT_ID", "z")]));
    let loaded = loaded.unwrap();
    assert_eq!(loaded.sections.get::<SignIn>().unwrap().oidc["my-idp"].client_id, "z");
}

#[test]
fn what_only_the_type_of_an_added_section_knows_is_reported_with_its_origin() {
    let found = problems(from_env(&[("SIGN_IN_ADDRESS", "nowhere")]));
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_str()),
        ("sign_in.address", "environment variable SIGN_IN_ADDRESS")
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_table_without_a_key_is_an_item() {
    let directory = Directory::with(&[("palisade.toml", "# none\n[providers.google]\n[providers.other]\n")]);
    let missing = |name: &str, field: &str, line| {
        let message = "must be set: it has no default".to_owned();
        (format!("providers.{name}.{field}"), format!("palisade.toml:{line}"), message)
    };
    let expected = [
        missing("google", "client_id", 2),
        missing("google", "issuer", 2),
        missing("other", "client_id", 3),
        missing("other", "issuer", 3),
    ];
    assert_eq!(problems(load(&directory.sources(&[]))), expected);
}

#[test]
fn a_value_that_is_refused_is_no_missing_one() {
    let variables = [GOOGLE[0], GOOGLE[1], ("PROVIDERS_GOOGLE_TIMEOUT_SECONDS", "61")];
    let found = problems(from_env(&variables));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "providers.google.timeout_seconds");
    let toml = "[providers.google]\nissuer = 1\nclient_id = \"x\"\n";
    let found = problems(load(&Directory::with(&[("palisade.toml", toml)]).sources(&[])));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].2, "must be text, not 1");
}

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_known_ones() {
    let toml = "[providers.google]\nissuer = \"x\"\nclient_id = \"x\"\nclient_idd = \"y\"\n";
    let report =
        load(&Directory::with(&[("palisade.toml", toml)]).sources(&[])).map(|l| l.dump()).unwrap_err();
    let [problem] = report.problems() else { panic!("{report}") };
    assert_eq!(
        (problem.key.as_str(), problem.origin.to_string().as_str()),
        ("providers.google.client_idd", "palisade.toml:4")
    );
    assert_eq!(problem.meant.as_deref(), Some("providers.google.client_id"));
    let known =
        "is not a setting: [providers.<name>] has `issuer`, `client_id`, `client_secret`, `timeout_seconds`";
    assert_eq!(problem.message, known);
    let by_flag = load(&Sources::default().set("providers.google.colour=red")).map(|l| l.dump()).unwrap_err();
    assert!(by_flag.to_string().contains(known), "{by_flag}");
}

#[test]
fn a_misspelt_variable_is_caught_with_and_without_its_item() {
    for others in [&GOOGLE[..], &[]] {
        let variables = [others, &[("PROVIDERS_GOOGLE_ISSEUR", "x")]].concat();
        let report = from_env(&variables).map(|loaded| loaded.dump()).unwrap_err();
        assert_eq!(report.problems()[0].meant.as_deref(), Some("PROVIDERS_GOOGLE_ISSUER"), "{report}");
    }
}

#[test]
fn a_variable_that_sets_nothing_of_an_item_is_noted() {
    let loaded =
        from_env(&[GOOGLE[0], GOOGLE[1], ("PROVIDERS_GOOGLE_COLOUR", "red"), ("PROVIDERS", "{}")]).unwrap();
    let expected = [
        "PROVIDERS is ignored: each item has variables of its own, PROVIDERS_<NAME>_…",
        "PROVIDERS_GOOGLE_COLOUR is ignored: there is no such setting",
    ];
    assert_eq!(loaded.notes, expected);
    let strangers = [("PROVIDERS_SERVICE_PORT", "1"), ("PROVIDERS_URL", "x"), ("providers_x_issuer", "x")];
    assert_eq!(from_env(&strangers).unwrap().notes, [""; 0]);
}

#[test]
fn what_cannot_be_a_name_is_refused() {
    for name in ["Google", "\"my idp\"", "-x", "x_", "\"\"", "\"a.b\"", "\"ü\""] {
        let toml = format!("[providers.{name}]\nissuer = \"x\"\nclient_id = \"x\"\n");
        let report = load(&Directory::with(&[("palisade.toml", &toml)]).sources(&[])).map(|l| l.dump());
        let report = report.unwrap_err();
        assert!(report.problems()[0].message.starts_with("is not a name"), "{name}: {report}");
    }
    let found =
        problems(load(&Directory::with(&[("palisade.toml", "[providers]\ngoogle = 1\n")]).sources(&[])));
    assert_eq!(found[0].2, "must be a table");
}

#[test]
fn a_variable_means_the_item_that_a_file_names() {
    let toml = "[providers.my-idp]\nissuer = \"x\"\nclient_id = \"y\"\n";
    let directory = Directory::with(&[("palisade.toml", toml)]);
    let loaded = load(&directory.sources(&[("PROVIDERS_MY_IDP_CLIENT_ID", "z")])).unwrap();
    assert_eq!(names(&loaded), ["my-idp"]);
    assert_eq!(providers(&loaded)["my-idp"].client_id, "z");
    let alone = from_env(&[("PROVIDERS_MY_IDP_ISSUER", "x"), ("PROVIDERS_MY_IDP_CLIENT_ID", "z")]).unwrap();
    assert_eq!(names(&alone), ["my_idp"]);
}

#[test]
fn two_spellings_of_one_name_are_a_problem_that_names_both() {
    let item = |name: &str| format!("[providers.{name}]\nissuer = \"x\"\nclient_id = \"y\"\n");
    let (first, second) = (item("my-idp"), item("my_idp"));
    let directory = Directory::with(&[("palisade.toml", &first), ("palisade.local.toml", &second)]);
    let expected = "cannot stand beside `providers.my-idp` (palisade.toml:1): the variable PROVIDERS_MY_IDP_ISSUER \
                    would set both; rename one";
    let found = problems(load(&directory.sources(&[])));
    assert_eq!(found, [("providers.my_idp".into(), "palisade.local.toml:1".into(), expected.into())]);
}

#[test]
fn secrets_of_items_are_hidden_everywhere() {
    let variables = [GOOGLE[0], GOOGLE[1], ("PROVIDERS_GOOGLE_CLIENT_SECRET", "hunter2")];
    let loaded = from_env(&variables).unwrap();
    let explained = loaded.explain("providers.google.client_secret").unwrap().to_string();
    let table = loaded.explain_table("providers").unwrap();
    let shown = format!("{loaded:?}{}{explained}{table}", loaded.dump());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        explained.contains("value     ***") && explained.contains("PROVIDERS_GOOGLE_CLIENT_SECRET_FILE"),
        "{explained}"
    );
    let other = from_env(&[GOOGLE[0], GOOGLE[1], ("PROVIDERS_GOOGLE_CLIENT_SECRET", "hunter3")]).unwrap();
    assert_eq!(other.differences(&loaded).collect::<Vec<_>>(), ["providers.google.client_secret"]);
    let file = Directory::with(&[("palisade.toml", "[providers.google]\nclient_secret = [\"hunter2\"]\n")]);
    let report = load(&file.sources(&[])).map(|loaded| loaded.dump()).unwrap_err();
    assert!(!format!("{report}{report:?}").contains("hunter2"), "{report}");
}

#[test]
fn an_item_that_is_gone_or_new_is_a_difference() {
    let (with, without) = (from_env(&GOOGLE).unwrap(), from_env(&[]).unwrap());
    assert!(with.differences(&without).any(|key| key == "providers.google.issuer"));
    assert!(without.differences(&with).any(|key| key == "providers.google.issuer"));
}

#[test]
fn the_dump_has_a_table_for_each_item() {
    let loaded = from_env(&GOOGLE).unwrap();
    let dump = loaded.dump();
    let parsed: toml_edit::DocumentMut = dump.parse().unwrap_or_else(|error| panic!("{error}\n{dump}"));
    assert_eq!(parsed["providers"]["google"]["client_id"].as_str(), Some("shop"));
    let line = dump.lines().find(|line| line.starts_with("client_id")).unwrap();
    assert!(line.ends_with("# environment variable PROVIDERS_GOOGLE_CLIENT_ID"), "{dump}");
    assert!(dump.contains("\n[providers.google]\n"), "{dump}");
}

#[test]
fn explaining_says_what_an_item_has_and_can_have() {
    let loaded = from_env(&GOOGLE).unwrap();
    let all = loaded.explain_table("providers").unwrap().to_string();
    assert!(
        all.contains("one table for each name, [providers.<name>], as variables PROVIDERS_<NAME>_…"),
        "{all}"
    );
    assert!(all.contains("  providers.<name>.client_id  text, default none: it must be set\n"), "{all}");
    assert!(all.contains("\n[providers.google]\n"), "{all}");
    assert!(all.contains("# environment variable PROVIDERS_GOOGLE_CLIENT_ID\n"), "{all}");
    let one = loaded.explain_table("providers.google").unwrap().to_string();
    assert!(one.starts_with("providers.google\n  An identity provider.\n\n[providers.google]\n"), "{one}");
    for name in ["providers.<name>.timeout_seconds", "PROVIDERS_<NAME>_TIMEOUT_SECONDS"] {
        let template = loaded.explain(name).unwrap().to_string();
        assert!(template.contains("  How long it may take, in seconds.\n"), "{template}");
        assert!(template.contains("variable  PROVIDERS_<NAME>_TIMEOUT_SECONDS\n"), "{template}");
    }
    assert!(loaded.explain_table("server").unwrap().to_string().contains("\n[server]\n"));
    assert!(loaded.explain_table("nonsense").is_none() && loaded.explain("providers.other.issuer").is_none());
    assert_eq!(loaded.schema().suggest("providers.google.clientid"), Some("providers.google.client_id"));
}

#[test]
fn the_documents_show_an_item_once() {
    let schema = layout().schema();
    let example = docs::env_example(&schema);
    assert!(example.contains("\n### providers.<name>\n# An identity provider.\n"), "{example}");
    assert!(example.contains("\n# PROVIDERS_<NAME>_TIMEOUT_SECONDS=10\n"), "{example}");
    let directory = Directory::with(&[(".env", &example)]);
    assert!(providers(&load(&directory.sources(&[])).unwrap()).is_empty());
    let reference = docs::markdown(&schema);
    assert!(reference.contains("`[providers.<name>]`, as variables `PROVIDERS_<NAME>_…`"), "{reference}");
    assert!(
        reference.contains("| `client_id` | `PROVIDERS_<NAME>_CLIENT_ID` | text | none: it must be set |"),
        "{reference}"
    );
    assert!(reference.contains("also as `SIGN_IN_OIDC_<NAME>_CLIENT_SECRET_FILE`"), "{reference}");
    let root: Value = serde_json::from_str(&docs::json_schema(&schema)).unwrap();
    for pointer in ["/properties/providers", "/properties/sign_in/properties/oidc"] {
        let map = root.pointer(pointer).unwrap();
        assert!(map["propertyNames"]["pattern"].is_string(), "{map}");
        let fields = &map["additionalProperties"]["properties"];
        assert_eq!(fields["timeout_seconds"]["maximum"], 60, "{map}");
        assert!(fields["client_secret_file"].is_object(), "{map}");
    }
}

#[test]
fn settings_that_an_items_variable_could_set_too_do_not_fit_together() {
    #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    struct Fixed {
        client_id: String,
    }
    impl Rules for Fixed {
        fn check(&self, _: Environment, _: &mut Problems) {}
    }
    #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    struct Renamed {
        #[schemars(extend("x-env-name" = "CLIENT"))]
        client_id: String,
    }
    impl Rules for Renamed {
        fn check(&self, _: Environment, _: &mut Problems) {}
    }
    let refused = |layout: Layout<Settings>| layout.check().unwrap_err().to_string();
    let shadowed = refused(layout().with::<Fixed>("providers_google"));
    assert_eq!(
        shadowed,
        "the variable PROVIDERS_GOOGLE_CLIENT_ID would set both `providers_google.client_id` and `providers.<name>`"
    );
    let continued = refused(layout().with::<Named<Provider>>("providers_out"));
    assert!(
        continued.contains("`providers_out.<name>.") && continued.contains("`providers.<name>`"),
        "{continued}"
    );
    let renamed = Layout::<Settings>::new().with::<Named<Renamed>>("providers").check();
    assert_eq!(renamed, Err(SectionError::Alias("providers.<name>.client_id".into())));
    assert!(
        matches!(refused(layout().with::<Fixed>("providers")).as_str(), text if text.contains("there twice"))
    );
    assert_eq!(Schema::of::<Settings>().items().count(), 0);
}
