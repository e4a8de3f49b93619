//! Articles: how they are read from files, labelled, cleaned of their page, and split. Stands on
//! [`text`](crate::text) alone.

#[cfg(feature = "arrow")]
mod arrow_stream;
#[cfg(feature = "arrow")]
mod arrow_table;
#[cfg(feature = "arrow")]
mod arrow_text;
mod article;
mod batch;
mod corrections;
mod csv;
mod csv_records;
mod date;
mod decompression;
mod encoding;
mod folder;
mod html;
mod input_digests;
mod jsonl;
mod labels;
mod page;
mod reader;
mod split;
mod topic_terms;

pub use article::{Article, Extracted, Status};
pub use batch::Batch;
pub use date::parse_date;
pub use encoding::open_text;
pub use html::HtmlPage;
pub use input_digests::{InputDigest, InputDigests, ReadSoFar};
pub use labels::LabelSet;
pub use page::{Dropped, Page, Reason, RepeatedBySource, RepeatedLines};
pub use reader::{ArticleBytes, ColumnNames, Format, Parts, ReadOptions, Reader};
pub use split::stratified_folds;
pub use topic_terms::TopicTerms;
