//! Chunks cut by AVX-512: what [`chunks`](super::chunks) says of a window, on processors that class sixty-four bytes by one instruction and
//! write the places of the bits of a mask by another. Servers have had them since 2019 (Intel) and 2022 (AMD).
//!
//! The intrinsics are safe where these features are enabled, and memory is read and written by value. That they are enabled where [`cut`] is called
//! is up to the caller.

use std::arch::x86_64::*;

use super::byte_classes::WIDTH;
use super::chunks::{Block, Classes, FIRST_LETTER, LAST_LOW};

/// Whether the processor has what is needed; asked once, then remembered.
#[inline]
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("popcnt")
}

/// [`Block::cut`] by these instructions.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,bmi2,popcnt")]
pub(super) fn cut(block: &mut Block, bytes: &[u8], base: usize) -> usize {
    block.cut_by(
        bytes,
        base,
        |window| classes(window),
        |edges, first, room| places(edges, first, room),
    )
}

#[target_feature(enable = "avx512f,avx512bw")]
fn classes(window: &[u8; WIDTH]) -> Classes {
    let bytes = load(window);
    let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, splat(byte));
    let upto = |byte: u8| _mm512_cmple_epu8_mask(bytes, splat(byte));
    let behind_semicolon = _mm512_sub_epi8(bytes, splat(b';'));
    let marks = _mm512_cmple_epu8_mask(behind_semicolon, splat(b'?' - b';'));
    Classes {
        separators: upto(b'"') | is(b')') | is(b',') | marks,
        dots: is(b'.'),
        letters: !upto(FIRST_LETTER - 1),
        low: upto(LAST_LOW),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
fn places(edges: u64, first: u16, room: &mut [u16; WIDTH]) -> usize {
    const ALL: [u8; WIDTH] = {
        let mut all = [0; WIDTH];
        let mut place = 0;
        while place < WIDTH {
            all[place] = place as u8;
            place += 1;
        }
        all
    };
    let places = _mm512_maskz_compress_epi8(edges, load(&ALL));
    let first = _mm512_set1_epi16(first as i16);
    let counted = |half: __m256i| _mm512_add_epi16(_mm512_cvtepu8_epi16(half), first);
    let halves = [_mm512_castsi512_si256(places), _mm512_extracti64x4_epi64::<1>(places)];
    for (half, room) in halves.into_iter().zip(room.chunks_exact_mut(WIDTH / 2)) {
        store(counted(half), room);
    }
    edges.count_ones() as usize
}

#[target_feature(enable = "avx512f,avx512bw")]
fn splat(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte as i8)
}

#[target_feature(enable = "avx512f")]
fn load(window: &[u8; WIDTH]) -> __m512i {
    bytemuck::cast(*window)
}

#[target_feature(enable = "avx512f")]
fn store(places: __m512i, room: &mut [u16]) {
    room.copy_from_slice(&bytemuck::cast::<_, [u16; WIDTH / 2]>(places));
}
