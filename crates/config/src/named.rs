//! One value for each name that the operator chooses.

use std::{borrow::Cow, collections::BTreeMap, ops::Deref};

use palisade_core::Environment;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::{Problems, Rules};

/// One `S` for each name that the operator chooses, in the order of names: `[providers.google]` in a file,
/// `PROVIDERS_GOOGLE_CLIENT_ID` in the environment.
///
/// It is a section by itself ([`Layout::with`](crate::Layout::with)) or a field of one. A field of an item without a
/// default must be set in each. In the rules of an item a key is that of the item alone: `client_id`. Those of a field
/// are run by the section that has it: `problems.within("auth.oidc", |problems| self.oidc.check(environment, problems))`.
///
/// Names have lower-case letters, digits, `-` and `_`. In a variable both `-` and `_` are `_`, so that `my-idp` and `my_idp`
/// cannot stand side by side.
///
/// ```
/// use palisade_config::{Capture, Layout, Named, Problems, Rules, Sources};
/// use palisade_core::Environment;
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// # #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
/// # #[serde(default, deny_unknown_fields)]
/// # struct AppSettings {}
/// # impl Rules for AppSettings { fn check(&self, _: Environment, _: &mut Problems) {} }
/// /// An identity provider.
/// #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Provider {
///     /// Who we are there.
///     client_id: String,
/// }
///
/// impl Rules for Provider {
///     fn check(&self, _: Environment, problems: &mut Problems) {
///         if self.client_id.is_empty() {
///             problems.reject("client_id", "must not be empty");
///         }
///     }
/// }
///
/// let layout = Layout::<AppSettings>::new().with::<Named<Provider>>("providers");
/// let sources = Sources::new(Capture::new([("PROVIDERS_GOOGLE_CLIENT_ID", "shop")]));
/// let loaded = layout.load(&sources).unwrap();
/// let providers = loaded.sections.get::<Named<Provider>>().unwrap();
/// assert_eq!(providers["google"].client_id, "shop");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Named<S>(BTreeMap<String, S>);

impl<S> Deref for Named<S> {
    type Target = BTreeMap<String, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S> Default for Named<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S> FromIterator<(String, S)> for Named<S> {
    fn from_iter<I: IntoIterator<Item = (String, S)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<'a, S> IntoIterator for &'a Named<S> {
    type Item = (&'a String, &'a S);
    type IntoIter = std::collections::btree_map::Iter<'a, String, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<S: Rules> Rules for Named<S> {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        for (name, item) in self {
            problems.within(name, |problems| item.check(environment, problems));
        }
    }
}

impl<S: JsonSchema> JsonSchema for Named<S> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, S>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, S>::json_schema(generator)
    }
}
