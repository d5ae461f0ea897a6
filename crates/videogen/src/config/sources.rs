//! Where settings come from: one file, `.env`, the environment.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use videogen_domain::nearest;

use super::raw::{Found, Raw};
use super::setting::{self, SETTINGS};
use super::{ConfigProblem, Origin, dot_env, file};
use crate::Environment;

/// Names the file of settings.
const CONFIG: &str = "VIDEO_GEN_CONFIG";
/// Variables of ours that are no settings: logs begin before settings are read.
const OTHERS: [&str; 3] = [CONFIG, "VIDEO_GEN_LOG", "VIDEO_GEN_LOG_FORMAT"];
/// What the variables of settings begin with.
const PREFIX: &str = "VIDEO_GEN_";
const FILE: &str = "videogen.toml";

/// Where settings come from.
///
/// The file of settings is `file`, else the one that `VIDEO_GEN_CONFIG` names, else `videogen.toml` in `folder`, else the
/// one in the user's configuration folder. The default has none of them: nothing is read.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ConfigSources {
    /// The folder in which `videogen.toml` and `.env` are looked for. `None`: neither there nor in the user's folder.
    pub folder: Option<PathBuf>,
    /// The file of settings, which must be there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Environment,
}

impl ConfigSources {
    /// The working folder and the environment of this process.
    pub fn of_process() -> Self {
        Self { folder: Some(PathBuf::new()), file: None, environment: Environment::of_process() }
    }

    /// This environment, and no files.
    pub fn of(environment: Environment) -> Self {
        Self { environment, ..Self::default() }
    }

    /// Looks for files in this folder.
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Takes the settings of this file, which must be there.
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The environment, completed by `.env`: what is set there counts only where the environment says nothing.
    pub(crate) fn environment(&self) -> Environment {
        let text = self.dot_env().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let lines = dot_env::lines(&text).flatten().map(|line| (line.name.to_owned(), line.value));
        self.environment.completed_by(lines.collect())
    }

    /// Every value of every source, the weakest first; and what is wrong with the sources themselves.
    pub(super) fn read(&self) -> (Vec<Found>, Vec<ConfigProblem>) {
        let (mut found, mut problems) = self.file_values();
        for (name, value, origin) in self.variables(&mut problems) {
            match setting::of_variable(&name) {
                Some(key) => found.push(Found { key: key.to_owned(), value: Raw::Text(value), origin }),
                None if OTHERS.contains(&name.as_str()) => {}
                None => problems.push(ConfigProblem::new(origin, name.clone(), unknown(&name))),
            }
        }
        (found, problems)
    }

    fn file_values(&self) -> (Vec<Found>, Vec<ConfigProblem>) {
        let Some((path, must_be)) = self.file_path() else { return (Vec::new(), Vec::new()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => file::read(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_be => (Vec::new(), Vec::new()),
            Err(error) => {
                let origin = Origin::File { path, line: 1 };
                (Vec::new(), vec![ConfigProblem::new(origin, "", format!("the file cannot be read: {error}"))])
            }
        }
    }

    fn dot_env(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(".env"))
    }

    /// The file of settings, and whether it must be there.
    fn file_path(&self) -> Option<(PathBuf, bool)> {
        let named = self.file.clone().or_else(|| self.environment().get(CONFIG).map(PathBuf::from));
        if let Some(file) = named {
            return Some((file, true));
        }
        let here = self.folder.as_ref()?.join(FILE);
        if here.exists() {
            return Some((here, true));
        }
        let home = etcetera::choose_base_strategy().ok()?;
        Some((home.config_dir().join("videogen").join(FILE), false))
    }

    /// The variables of `.env`, then those of the environment.
    fn variables(&self, problems: &mut Vec<ConfigProblem>) -> Vec<(String, String, Origin)> {
        let mut variables = Vec::new();
        if let Some(path) = self.dot_env() {
            let at = |line| Origin::DotEnv { path: path.clone(), line };
            for line in dot_env::lines(&read_if_there(&path, problems)) {
                match line {
                    Ok(line) => variables.push((line.name.to_owned(), line.value, at(line.number))),
                    Err(number) => {
                        let message = "a line must be NAME=value, with quotes around a value that has any";
                        problems.push(ConfigProblem::new(at(number), "", message));
                    }
                }
            }
        }
        for (name, value) in self.environment.iter() {
            variables.push((name.to_owned(), value.to_owned(), Origin::Variable(name.to_owned())));
        }
        variables.retain(|(name, value, _)| name.starts_with(PREFIX) && !value.trim().is_empty());
        variables
    }
}

fn read_if_there(path: &Path, problems: &mut Vec<ConfigProblem>) -> String {
    match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            let origin = Origin::DotEnv { path: path.to_owned(), line: 1 };
            problems.push(ConfigProblem::new(origin, "", format!("the file cannot be read: {error}")));
            String::new()
        }
    }
}

fn unknown(name: &str) -> String {
    let hint = nearest(name, SETTINGS.iter().map(|setting| setting.variable));
    let hint = hint.map_or(String::new(), |near| format!("; did you mean {near}?"));
    format!("there is no such variable{hint}")
}
