//! Finds a model by its name or its endpoint id.

use std::sync::Arc;

use serde::Deserialize;

use super::{ModelSpec, VideoGenerationModel};
use crate::nearest;

/// The catalogue files, one for each family of models.
const CATALOGUE: [(&str, &str); 2] = [
    ("kling.toml", include_str!("../../catalogue/kling.toml")),
    ("hailuo.toml", include_str!("../../catalogue/hailuo.toml")),
];

/// The models that can be asked for, in the order in which they were registered.
#[derive(Debug, Clone, Default)]
pub struct ModelRegistry {
    models: Vec<Arc<dyn VideoGenerationModel>>,
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
    /// When the text is not a catalogue, or names a model that is there already. Nothing is added then.
    pub fn register_toml(&mut self, name: &str, text: &str) -> Result<(), CatalogueError> {
        let file: CatalogueFile = toml::from_str(text)
            .map_err(|error| CatalogueError { catalogue: name.to_owned(), reason: error.to_string() })?;
        let mut grown = self.clone();
        for spec in file.model {
            let id = spec.id.clone();
            grown.register(Arc::new(spec)).map_err(|error| CatalogueError {
                catalogue: name.to_owned(),
                reason: format!("model {id}: {}", error.reason),
            })?;
        }
        *self = grown;
        Ok(())
    }

    /// Adds a model of one's own.
    ///
    /// # Errors
    /// When its name or endpoint id is empty or taken.
    pub fn register(&mut self, model: Arc<dyn VideoGenerationModel>) -> Result<(), CatalogueError> {
        let names = [model.model_id(), model.endpoint_id()];
        let refused = |reason: String| CatalogueError { catalogue: "a registered model".to_owned(), reason };
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(refused("a model needs a name and an endpoint id".to_owned()));
        }
        if let Some(taken) = names.iter().find(|name| self.find(name).is_some()) {
            return Err(refused(format!("there is a model {taken} already")));
        }
        self.models.push(model);
        Ok(())
    }

    /// The model with this name or endpoint id.
    ///
    /// # Errors
    /// When there is none; the error names the nearest one and all others.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn VideoGenerationModel>, UnknownModel> {
        self.find(name).ok_or_else(|| {
            let known: Vec<String> = self.iter().map(|model| model.model_id().to_owned()).collect();
            let endpoints = self.iter().find(|model| Some(model.endpoint_id()) == self.nearest_endpoint(name));
            let suggestion = nearest(name, known.iter().map(String::as_str))
                .or_else(|| endpoints.map(|model| model.model_id()))
                .map(str::to_owned);
            UnknownModel { name: name.to_owned(), suggestion, known }
        })
    }

    /// All models.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn VideoGenerationModel>> {
        self.models.iter()
    }

    fn find(&self, name: &str) -> Option<&Arc<dyn VideoGenerationModel>> {
        self.models.iter().find(|model| model.model_id() == name || model.endpoint_id() == name)
    }

    fn nearest_endpoint(&self, name: &str) -> Option<&str> {
        nearest(name, self.models.iter().map(|model| model.endpoint_id()))
    }
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
    /// All names.
    pub known: Vec<String>,
}
