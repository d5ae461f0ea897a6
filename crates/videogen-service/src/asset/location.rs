//! Which store an address means.

use std::sync::Arc;

use super::{AssetError, AssetStore, FolderAssetStore, ObjectAssetStore};

/// The store at an address:
///
/// - a path, or `file:///path`: [`FolderAssetStore`];
/// - `memory://`: in memory, gone with the process;
/// - `s3://bucket/prefix` with the feature `aws`, `gs://bucket/prefix` with `gcp`, `az://container/prefix` with `azure`.
///
/// `options` are names and values of the crate `object_store`, which are those of the providers' own environment
/// variables: `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, `GOOGLE_SERVICE_ACCOUNT`, `AZURE_STORAGE_ACCOUNT_NAME` and so on, in
/// capital letters or not. Unknown ones are passed over. Nothing is sent yet.
///
/// # Errors
/// When the address cannot be understood, or this build does not have its feature.
pub fn asset_store_at(
    address: &str,
    options: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn AssetStore>, AssetError> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Ok(Arc::new(FolderAssetStore::new(address)));
    };
    match scheme {
        "file" => Ok(Arc::new(FolderAssetStore::new(rest))),
        "memory" => Ok(Arc::new(ObjectAssetStore::in_memory())),
        "s3" | "gs" | "az" => remote(scheme, address, options.into_iter().collect()),
        _ => Err(refused(address, "is of a kind that is not known", "Take a path, s3://, gs:// or az://.")),
    }
}

#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
fn remote(scheme: &str, address: &str, options: Vec<(String, String)>) -> Result<Arc<dyn AssetStore>, AssetError> {
    use super::object::unusable;
    let here = matches!(
        (scheme, cfg!(feature = "aws"), cfg!(feature = "gcp"), cfg!(feature = "azure")),
        ("s3", true, _, _) | ("gs", _, true, _) | ("az", _, _, true)
    );
    if !here {
        return Err(not_built_in(scheme, address));
    }
    let address = address.trim_end_matches('/');
    let url = address.parse().map_err(|_| refused(address, "is not an address", "Take scheme://bucket/prefix."))?;
    let (store, prefix) = object_store::parse_url_opts(&url, options).map_err(|error| unusable(address, error))?;
    Ok(Arc::new(ObjectAssetStore::at(store.into(), prefix, address.to_owned())))
}

#[cfg(not(any(feature = "aws", feature = "gcp", feature = "azure")))]
fn remote(scheme: &str, address: &str, _: Vec<(String, String)>) -> Result<Arc<dyn AssetStore>, AssetError> {
    Err(not_built_in(scheme, address))
}

fn not_built_in(scheme: &str, address: &str) -> AssetError {
    let advice = match scheme {
        "s3" => "Build with the feature `aws`.",
        "gs" => "Build with the feature `gcp`.",
        _ => "Build with the feature `azure`.",
    };
    refused(address, "is of a kind that this program was built without", advice)
}

fn refused(address: &str, problem: &'static str, advice: &'static str) -> AssetError {
    AssetError::Place { place: address.to_owned(), problem, advice, source: None }
}
