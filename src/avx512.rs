//! Sixty-four bytes at once by AVX-512, which compares them by one instruction and says where it holds by one bit each, the first byte lowest.
//! Servers have had it since 2019 (Intel) and 2022 (AMD). What is done by it is done without it elsewhere, and gives the same.
//!
//! The intrinsics are safe where their features are enabled, and memory is read and written by value. Functions that enable them may only be called
//! where [`is_there`] says so: that call is the one `unsafe` thing about them.

use std::arch::x86_64::*;
use std::sync::LazyLock;

/// Bytes that are looked at together.
pub(crate) const WIDTH: usize = 64;

/// Whether the processor has what is needed.
#[inline]
pub(crate) fn is_there() -> bool {
    // One question in place of seven.
    static IS_THERE: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    });
    *IS_THERE
}

/// Sixty-four bytes.
#[derive(Clone, Copy)]
pub(crate) struct Bytes(pub __m512i);

impl Bytes {
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load(bytes: &[u8; WIDTH]) -> Self {
        Self(bytemuck::cast(*bytes))
    }

    #[target_feature(enable = "avx512f")]
    pub(crate) fn to_array(self) -> [u8; WIDTH] {
        bytemuck::cast(self.0)
    }

    #[target_feature(enable = "avx512f")]
    pub(crate) fn splat(byte: u8) -> Self {
        Self(_mm512_set1_epi8(byte as i8))
    }

    /// Where this byte stands.
    #[target_feature(enable = "avx512bw")]
    pub(crate) fn is(self, byte: u8) -> u64 {
        _mm512_cmpeq_epi8_mask(self.0, Self::splat(byte).0)
    }

    /// Where a byte stands that is not above this one.
    #[target_feature(enable = "avx512bw")]
    pub(crate) fn upto(self, byte: u8) -> u64 {
        _mm512_cmple_epu8_mask(self.0, Self::splat(byte).0)
    }

    /// Where one of the bytes from the first to the last stands.
    #[target_feature(enable = "avx512bw")]
    pub(crate) fn within(self, first: u8, last: u8) -> u64 {
        Self(_mm512_sub_epi8(self.0, Self::splat(first).0)).upto(last - first)
    }

    /// With these bits set everywhere.
    #[target_feature(enable = "avx512f")]
    pub(crate) fn with(self, bits: u8) -> Self {
        Self(_mm512_or_si512(self.0, Self::splat(bits).0))
    }

    /// With the bytes of another where a mask says so.
    #[target_feature(enable = "avx512bw")]
    pub(crate) fn or_where(self, mask: u64, other: Self) -> Self {
        Self(_mm512_mask_blend_epi8(mask, self.0, other.0))
    }
}
