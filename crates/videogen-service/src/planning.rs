//! Checks and prices requests.

use std::borrow::Cow;

use videogen_domain::{
    GenerationPlan, GenerationRequest, InspectedImages, LearnedUnits, Project, ProjectId, Violation, ViolationCode,
    Violations, nearest, validate_with,
};

use crate::{Books, BooksError, GenerationService, error_chain, picture};

impl GenerationService {
    /// Checks and prices a request. Nothing is sent; of the picture only the beginning is read.
    ///
    /// A request for a project that names no aspect ratio or platform takes the project's, and one for a scene that says nothing of
    /// the motion takes the scene's description.
    ///
    /// # Errors
    /// Every mistake at once.
    pub async fn plan(&self, request: &GenerationRequest) -> Result<GenerationPlan, Violations> {
        let image = picture::inspect("image", &request.image).await;
        let end_image = match &request.end_image {
            Some(end) => picture::inspect("end_image", end).await,
            None => Ok(None),
        };
        let images = InspectedImages { image, end_image };
        let (request, stray) = match self.completed_by_project(request).await {
            Ok(request) => (request, None),
            Err(stray) => (Cow::Borrowed(request), Some(stray)),
        };
        let learned = self.learned_units(&request).await;
        let planned = validate_with(&request, &self.models, &self.config.rules, images, &learned);
        match (planned, stray) {
            (planned, None) => planned,
            (Ok(_), Some(stray)) => Err(Violations::of(stray, Vec::new())),
            (Err(others), Some(stray)) => Err(Violations::of(stray, others.iter().cloned().collect())),
        }
    }

    /// The request with what its project says where it says nothing itself.
    async fn completed_by_project<'a>(
        &self,
        request: &'a GenerationRequest,
    ) -> Result<Cow<'a, GenerationRequest>, Violation> {
        let Some(id) = &request.project_id else { return Ok(Cow::Borrowed(request)) };
        let Some(books) = &self.books else {
            return Err(Violation::new("project_id", ViolationCode::UnknownProject, "no projects are kept here"));
        };
        let project = match books.project(id).await {
            Ok(Some(project)) => project,
            Ok(None) => return Err(no_project(books.as_ref(), id).await),
            Err(error) => return Err(unreadable(&error)),
        };
        let mut request = request.clone();
        request.aspect_ratio = request.aspect_ratio.or(project.aspect_ratio().map(|ratio| ratio.to_string()));
        request.platform = request.platform.or(project.preset());
        if let Some(id) = &request.scene_id {
            let scene = project.scene(id).map_err(|_| no_scene(&project, id.as_str()))?;
            if request.motion_prompt.trim().is_empty() {
                request.motion_prompt = scene.description().to_owned();
            }
        }
        Ok(Cow::Owned(request))
    }

    /// What fal has lately counted for the models of a request. Without it the catalogue's price holds.
    async fn learned_units(&self, request: &GenerationRequest) -> LearnedUnits {
        let Some(books) = &self.books else { return LearnedUnits::default() };
        let names = [&request.model].into_iter().chain(&request.fallback_models);
        let models = names.filter_map(|name| self.models.get(name).ok());
        let endpoint_ids: Vec<String> = models.map(|model| model.endpoint_id().to_owned()).collect();
        books.learned_units(&endpoint_ids).await.unwrap_or_else(|error| {
            tracing::warn!(error = error_chain(&error), "earlier bills cannot be read; the catalogue's price is taken");
            LearnedUnits::default()
        })
    }
}

async fn no_project(books: &dyn Books, id: &ProjectId) -> Violation {
    let known: Vec<String> = match books.projects().await {
        Ok(projects) => projects.iter().map(|project| project.id().to_string()).collect(),
        Err(error) => return unreadable(&error),
    };
    let suggestion = nearest(id.as_str(), known.iter().map(String::as_str)).map(str::to_owned);
    Violation::new("project_id", ViolationCode::UnknownProject, format!("there is no project {id}; create it first"))
        .with_suggestion(suggestion)
        .with_allowed(known)
}

fn no_scene(project: &Project, id: &str) -> Violation {
    let known: Vec<String> = project.scenes().iter().map(|scene| scene.id().to_string()).collect();
    let suggestion = nearest(id, known.iter().map(String::as_str)).map(str::to_owned);
    Violation::new("scene_id", ViolationCode::UnknownProject, format!("the project has no scene {id}; add it first"))
        .with_suggestion(suggestion)
        .with_allowed(known)
}

fn unreadable(error: &BooksError) -> Violation {
    Violation::new("project_id", ViolationCode::UnknownProject, error_chain(error))
}
