//! The strings of one Arrow column, where they stand.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, LargeBinaryArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

/// A column of strings, which are borrowed from its buffers. Whoever made them may have been careless: offsets are checked at the beginning, and
/// whether a string is UTF-8 when it is read.
pub enum Strings {
    Small(BinaryArray),
    Large(LargeBinaryArray),
    View(BinaryViewArray),
}

/// A string that is no UTF-8.
pub struct NotUtf8;

impl Strings {
    /// The strings of `Utf8`, `LargeUtf8`, `Utf8View` and the binary types, without a copy; dictionaries, numbers, dates and lists of strings
    /// (joined by `;`, as a cell has several topics) as strings.
    pub fn of(array: &ArrayRef) -> Result<Self, ArrowError> {
        use DataType::{
            Binary, BinaryView, LargeBinary, LargeList, LargeUtf8, List, Utf8, Utf8View,
        };
        let strings = match array.data_type() {
            Utf8 | Binary => Self::Small(cast(array, &Binary)?.as_binary().clone()),
            LargeUtf8 | LargeBinary => Self::Large(cast(array, &LargeBinary)?.as_binary().clone()),
            Utf8View | BinaryView => Self::View(cast(array, &BinaryView)?.as_binary_view().clone()),
            List(_) | LargeList(_) => Self::Small(joined(array)?),
            _ => Self::Small(cast(&cast(array, &Utf8)?, &Binary)?.as_binary().clone()),
        };
        strings.array().to_data().validate_full()?;
        Ok(strings)
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Small(array) => array,
            Self::Large(array) => array,
            Self::View(array) => array,
        }
    }

    /// The string of a row; that of a null is empty.
    pub fn get(&self, row: usize) -> Result<&str, NotUtf8> {
        if self.array().is_null(row) {
            return Ok("");
        }
        let bytes = match self {
            Self::Small(array) => array.value(row),
            Self::Large(array) => array.value(row),
            Self::View(array) => array.value(row),
        };
        simdutf8::basic::from_utf8(bytes).map_err(|_| NotUtf8)
    }
}

/// The strings of each list, joined.
fn joined(array: &ArrayRef) -> Result<BinaryArray, ArrowError> {
    let item = DataType::Utf8;
    let lists = cast(
        array,
        &DataType::LargeList(std::sync::Arc::new(arrow_schema::Field::new("item", item, true))),
    )?;
    lists.to_data().validate_full()?;
    let lists = lists.as_list::<i64>();
    let cell = |row: usize| {
        lists.is_valid(row).then(|| {
            let list = lists.value(row);
            let names = list.as_string::<i32>().iter().flatten();
            names.collect::<Vec<_>>().join(";").into_bytes()
        })
    };
    Ok((0..lists.len()).map(cell).collect())
}
