//! Finds a model by its name or its endpoint id.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::overrides::Overridden;
use super::{ModelOverride, ModelSpec, VideoGenerationModel};
use crate::nearest;

/// The catalogue files, one for each family of models.
const CATALOGUE: [(&str, &str); 16] = [
    ("kling.toml", include_str!("../../catalogue/kling.toml")),
    ("hailuo.toml", include_str!("../../catalogue/hailuo.toml")),
    ("veo.toml", include_str!("../../catalogue/veo.toml")),
    ("sora.toml", include_str!("../../catalogue/sora.toml")),
    ("seedance.toml", include_str!("../../catalogue/seedance.toml")),
    ("wan.toml", include_str!("../../catalogue/wan.toml")),
    ("ltx.toml", include_str!("../../catalogue/ltx.toml")),
    ("luma.toml", include_str!("../../catalogue/luma.toml")),
    ("pixverse.toml", include_str!("../../catalogue/pixverse.toml")),
    ("vidu.toml", include_str!("../../catalogue/vidu.toml")),
    ("hunyuan.toml", include_str!("../../catalogue/hunyuan.toml")),
    ("grok.toml", include_str!("../../catalogue/grok.toml")),
    ("pika.toml", include_str!("../../catalogue/pika.toml")),
    ("gemini.toml", include_str!("../../catalogue/gemini.toml")),
    ("happy_horse.toml", include_str!("../../catalogue/happy_horse.toml")),
    ("kandinsky.toml", include_str!("../../catalogue/kandinsky.toml")),
];

/// The models that can be asked for, in the order in which they were registered.
#[derive(Debug, Clone, Default)]
pub struct ModelRegistry {
    models: Vec<Arc<dyn VideoGenerationModel>>,
    /// Names and endpoint ids, each with the place of its model.
    places: HashMap<String, usize>,
}

impl ModelRegistry {
    /// The models of the built-in catalogue.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the catalogue is part of the program and a test reads all of it.
    pub fn builtin() -> Self {
        let mut registry = Self::default();
        for (file, text) in CATALOGUE {
            registry.register_toml(file, text).expect("the built-in catalogue is well-formed");
        }
        registry
    }

    /// Adds the models of a catalogue file; `name` stands for the file in errors.
    ///
    /// # Errors
    /// When the text is not a catalogue, describes a model that makes no sense, or names one that is there already.
    /// Nothing is added then.
    pub fn register_toml(&mut self, name: &str, text: &str) -> Result<(), CatalogueError> {
        let file: CatalogueFile = toml::from_str(text)
            .map_err(|error| CatalogueError { catalogue: name.to_owned(), reason: error.to_string() })?;
        let mut grown = self.clone();
        for spec in file.model {
            grown.register_spec(spec).map_err(|error| CatalogueError { catalogue: name.to_owned(), ..error })?;
        }
        *self = grown;
        Ok(())
    }

    /// Adds a model that is described by data.
    ///
    /// # Errors
    /// When the description makes no sense, or its name or endpoint id is taken.
    pub fn register_spec(&mut self, spec: ModelSpec) -> Result<(), CatalogueError> {
        if let Some(nonsense) = spec.nonsense().into_iter().next() {
            return Err(refused(&spec.id, nonsense));
        }
        self.register(Arc::new(spec))
    }

    /// Adds a model of one's own.
    ///
    /// # Errors
    /// When its name or endpoint id is empty or taken.
    pub fn register(&mut self, model: Arc<dyn VideoGenerationModel>) -> Result<(), CatalogueError> {
        let names = [model.model_id(), model.endpoint_id()];
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(refused(model.model_id(), "a model needs a name and an endpoint id".to_owned()));
        }
        if let Some(taken) = names.iter().find(|name| self.places.contains_key(**name)) {
            return Err(refused(model.model_id(), format!("there is a model {taken} already")));
        }
        self.places.extend(names.map(|name| (name.to_owned(), self.models.len())));
        self.models.push(model);
        Ok(())
    }

    /// Changes what is known of a model: its price, its lengths, the range of `motion_strength`.
    ///
    /// # Errors
    /// When there is no such model, or it cannot be so.
    pub fn override_model(&mut self, name: &str, change: ModelOverride) -> Result<(), CatalogueError> {
        let place = *self.places.get(name).ok_or_else(|| {
            let unknown = self.get(name).err();
            let suggestion = unknown.and_then(|unknown| unknown.suggestion);
            let hint = suggestion.map_or(String::new(), |near| format!("; did you mean {near}?"));
            refused(name, format!("there is no such model{hint}"))
        })?;
        let changed =
            Overridden::new(Arc::clone(&self.models[place]), change).map_err(|reason| refused(name, reason))?;
        self.models[place] = Arc::new(changed);
        Ok(())
    }

    /// The model with this name or endpoint id.
    ///
    /// # Errors
    /// When there is none; the error names the nearest one and all others that fal still offers.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn VideoGenerationModel>, UnknownModel> {
        let place = self.places.get(name).copied();
        place.and_then(|place| self.models.get(place)).ok_or_else(|| self.unknown(name))
    }

    /// All models, those that fal no longer offers too.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn VideoGenerationModel>> {
        self.models.iter()
    }

    /// The models that fal still offers.
    pub fn active(&self) -> impl Iterator<Item = &Arc<dyn VideoGenerationModel>> {
        self.models.iter().filter(|model| model.retired().is_none())
    }

    fn unknown(&self, name: &str) -> UnknownModel {
        let known: Vec<String> = self.active().map(|model| model.model_id().to_owned()).collect();
        let endpoint = nearest(name, self.models.iter().map(|model| model.endpoint_id()));
        let by_endpoint = || self.iter().find(|model| Some(model.endpoint_id()) == endpoint);
        let suggestion = nearest(name, known.iter().map(String::as_str))
            .or_else(|| by_endpoint().map(|model| model.model_id()))
            .map(str::to_owned);
        UnknownModel { name: name.to_owned(), suggestion, known }
    }
}

fn refused(model: &str, reason: String) -> CatalogueError {
    CatalogueError { catalogue: "the registry of models".to_owned(), reason: format!("model {model}: {reason}") }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    model: Vec<ModelSpec>,
}

/// A catalogue or a model that cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{catalogue}: {reason}")]
pub struct CatalogueError {
    catalogue: String,
    reason: String,
}

/// There is no model of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model {name}")]
pub struct UnknownModel {
    /// What was asked for.
    pub name: String,
    /// The nearest name, if any is near.
    pub suggestion: Option<String>,
    /// The names of all models that fal still offers.
    pub known: Vec<String>,
}
