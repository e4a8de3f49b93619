//! Columns of any type as the text that CSV would have.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, ListArray, StringViewArray};
use arrow_cast::cast;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType, Field};

use super::encoding::decode_noting;

/// A column whose values are read as text; a value that is missing is an empty one.
pub(super) enum TextColumn {
    /// Strings of every layout, in dictionaries or not.
    Strings(StringViewArray),
    /// Bytes, which writers of Parquet use for strings too.
    Bytes(BinaryViewArray),
    /// Lists of strings: joined by `;`.
    Lists(ListArray),
    /// Points in time at a place: in UTC, with a `Z`.
    Instants(ArrayRef),
    /// Numbers, dates and the rest, as Arrow shows them.
    Other(ArrayRef),
}

impl TextColumn {
    pub(super) fn of(array: &ArrayRef) -> Result<Self, ArrowError> {
        use DataType::{
            Binary, BinaryView, Dictionary, FixedSizeList, LargeBinary, LargeList, LargeUtf8, List,
            Timestamp, Utf8, Utf8View,
        };
        Ok(match array.data_type() {
            Dictionary(_, values) => return Self::of(&cast(array, values)?),
            Utf8 | LargeUtf8 | Utf8View => {
                Self::Strings(cast(array, &Utf8View)?.as_string_view().clone())
            }
            Binary | LargeBinary | BinaryView => {
                Self::Bytes(cast(array, &BinaryView)?.as_binary_view().clone())
            }
            List(item) | LargeList(item) | FixedSizeList(item, _)
                if is_string(item.data_type()) =>
            {
                let strings = List(Field::new_list_field(Utf8View, true).into());
                Self::Lists(cast(array, &strings)?.as_list().clone())
            }
            Timestamp(unit, Some(_)) => Self::Instants(cast(array, &Timestamp(*unit, None))?),
            _ => Self::Other(array.clone()),
        })
    }

    /// Writes a value, and notes the encoding of bytes that are no UTF-8. Of one that is longer than `most` bytes, at least so many bytes.
    pub(super) fn write(
        &self,
        row: usize,
        most: usize,
        out: &mut String,
        encoding: &mut Option<&'static str>,
    ) {
        match self {
            Self::Strings(strings) if strings.is_valid(row) => out.push_str(strings.value(row)),
            Self::Bytes(bytes) if bytes.is_valid(row) => {
                let value = bytes.value(row);
                let value = &value[..value.len().min(most + 1)];
                out.push_str(&decode_noting(value.to_vec(), encoding));
            }
            Self::Lists(lists) if lists.is_valid(row) => {
                let items = lists.value(row);
                for (at, item) in items.as_string_view().iter().flatten().enumerate() {
                    if at > 0 {
                        out.push(';');
                    }
                    out.push_str(item);
                }
            }
            Self::Instants(instants) if instants.is_valid(row) => {
                out.push_str(&array_value_to_string(instants, row).unwrap_or_default());
                out.push('Z');
            }
            Self::Other(array) => {
                out.push_str(&array_value_to_string(array, row).unwrap_or_default());
            }
            // There is no value.
            _ => {}
        }
    }
}

fn is_string(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_string(values),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        _ => false,
    }
}
