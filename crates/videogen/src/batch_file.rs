//! A file with a request in each line: CSV with a head, or JSON objects.

use std::path::Path;

use serde_json::{Map, Value};
use videogen_domain::{GenerationRequest, ImageInput, ProjectId, SceneId, Violation, ViolationCode, Violations};

use crate::{JsonFields, Videogen};

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchForm {
    /// Comma-separated values; the first line names the fields.
    Csv,
    /// A JSON object in each line.
    JsonLines,
}

impl BatchForm {
    /// The form of a file by its name: `.csv`, `.jsonl` or `.ndjson`.
    pub fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// A request as it was read, with the mistakes of its fields.
#[derive(Debug)]
pub struct BatchRow {
    /// The request, as far as it can be read.
    pub request: GenerationRequest,
    /// Its fields, of which mistakes are told by [`JsonFields::finish`].
    pub fields: JsonFields,
}

/// The fields that are not texts: in CSV they are read as JSON.
const TYPED: [&str; 6] = ["duration", "audio", "parameters", "priority", "fresh", "max_cost_usd"];

impl Videogen {
    /// Reads the requests of a batch. Paths of pictures count from `folder`, that of the file.
    ///
    /// | field | meaning |
    /// | --- | --- |
    /// | `image`, `end_image` | a path, an address, or a `data:` URI |
    /// | `motion_prompt` | how the picture shall move |
    /// | `model`, `fallback_models` | a name or endpoint id; of the others a list, in CSV with `;` in between |
    /// | `duration`, `resolution`, `audio`, `aspect_ratio`, `platform`, `fit`, `negative_prompt`, `parameters` | as in a request over HTTP; `parameters` is a JSON object |
    /// | `output` | the name of the video's file |
    /// | `max_cost_usd`, `priority`, `fresh`, `project_id`, `scene_id` | as in a request over HTTP |
    ///
    /// An empty cell is a field that is not there.
    ///
    /// # Errors
    /// When a line is not in that form at all; its number is in the field, as `line[3]`.
    pub fn read_batch(&self, text: &str, form: BatchForm, folder: &Path) -> Result<Vec<BatchRow>, Violations> {
        let objects = match form {
            BatchForm::Csv => csv(text)?,
            BatchForm::JsonLines => json_lines(text)?,
        };
        Ok(objects.into_iter().map(|object| self.row(object, folder)).collect())
    }

    fn row(&self, object: Map<String, Value>, folder: &Path) -> BatchRow {
        let mut fields = JsonFields::new(object);
        let image = |text: String| match ImageInput::parse(&text) {
            ImageInput::Path(path) => ImageInput::Path(folder.join(path)),
            image => image,
        };
        let start = fields.text("image").map(image);
        let prompt = fields.text("motion_prompt").unwrap_or_default();
        let mut request = self.request(start.unwrap_or(ImageInput::Path("".into())), prompt);
        request.end_image = fields.text("end_image").map(image);
        request.model = fields.text("model").unwrap_or(request.model);
        request.fallback_models = fields.texts("fallback_models").unwrap_or_default();
        request.duration_seconds = fields.whole_number("duration");
        request.aspect_ratio = fields.text("aspect_ratio");
        request.platform = fields.platform("platform");
        request.fit = fields.fit("fit");
        request.resolution = fields.text("resolution");
        request.audio = fields.flag("audio");
        request.negative_prompt = fields.text("negative_prompt");
        request.parameters = fields.object("parameters").unwrap_or_default().into_iter().collect();
        request.max_cost = fields.usd("max_cost_usd");
        request.file_name = fields.text("output");
        request.fresh = fields.flag("fresh").unwrap_or(false);
        request.priority = fields.integer("priority").unwrap_or(0);
        request.project_id = fields.text("project_id").map(ProjectId::from);
        request.scene_id = fields.text("scene_id").map(SceneId::from);
        BatchRow { request, fields }
    }
}

fn csv(text: &str) -> Result<Vec<Map<String, Value>>, Violations> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(str::to_owned).collect(),
        Err(error) => return Err(malformed(1, &error)),
    };
    let mut objects = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            malformed(line, &error)
        })?;
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        objects.push(cells.map(|(name, cell)| (name.clone(), value(name, cell))).collect());
    }
    Ok(objects)
}

fn value(name: &str, cell: &str) -> Value {
    let text = || Value::String(cell.to_owned());
    match name {
        "fallback_models" => cell.split(';').map(|model| Value::String(model.trim().to_owned())).collect(),
        // What is no JSON is told of as the text that it is.
        _ if TYPED.contains(&name) => serde_json::from_str(cell).unwrap_or_else(|_| text()),
        _ => text(),
    }
}

fn json_lines(text: &str) -> Result<Vec<Map<String, Value>>, Violations> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(line, number)| serde_json::from_str(line).map_err(|error| malformed(number, &error))).collect()
}

/// The position and what was expected there, not the text: that may be private.
fn malformed(line: u64, error: &dyn std::fmt::Display) -> Violations {
    let message = format!("it cannot be read: {error}");
    Violations::of(Violation::new(format!("line[{line}]"), ViolationCode::WrongType, message), Vec::new())
}
