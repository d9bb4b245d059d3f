//! Bodies of the accessory (attachment) calls.
//!
//! A file is uploaded first and named in `accessory_ids` of a case or a message afterwards. Request fields are plain
//! text, because the server says itself which bound one breaks; answers carry checked ids.

use serde::{Deserialize, Serialize};

use crate::ids::AccessoryId;

/// Body of `UploadJsonAccessories`: a file inside JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadJsonAccessory {
    /// File name, 1 to 512 characters.
    pub accessory_name: String,
    /// What the file is for: `incident` or `message`.
    pub accessory_from: String,
    /// 0 normal (the default), 1 an image inside Markdown text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_type: Option<i64>,
    /// The bytes in Base64.
    pub accessory_data: String,
}

/// The part `form_data` of the multipart call `UploadAccessory`: JSON text beside the part `file`. Unlike every other
/// body it is in camel case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessoryForm {
    /// File name, 1 to 512 characters.
    pub file_name: String,
    /// What the file is for: `incident` or `message`.
    pub accessory_from: String,
    /// 0 normal (the default), 1 an image inside Markdown text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_type: Option<i64>,
}

/// Answer of both uploads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryCreated {
    /// Id of the stored file.
    pub accessory_id: AccessoryId,
}

/// Answer of `ShowAccessoryLimits`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryLimits {
    /// The limits.
    pub accessory_limit: AccessoryLimit,
}

/// What may be uploaded. The numbers are texts on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryLimit {
    /// Most files for one case or message.
    pub limit_count: String,
    /// Largest file in MB.
    pub limit_size: String,
    /// Allowed file name extensions.
    pub limit_file_type: String,
}

/// Answer of `ListAccessoryAccessUrls`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryUrlList {
    /// One link for each file.
    pub accessory_urls: Vec<AccessoryUrl>,
}

/// A download link of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryUrl {
    /// The file.
    pub accessory_id: AccessoryId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessory_name: Option<String>,
    /// A signed link that expires, at most 1024 characters.
    pub accessory_url: String,
}

/// Answer of `ShowDownloadAccessoryUrl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryAccessUrl {
    /// A signed link that expires, at most 1024 characters.
    pub accessory_url: String,
}

/// A file as messages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessoryName {
    /// The file.
    pub accessory_id: AccessoryId,
    /// Its name when it was uploaded.
    pub file_actual_name: String,
}
