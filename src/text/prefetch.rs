//! Asking for memory before it is needed. A load that misses the caches holds up all that comes behind it once a few hundred
//! instructions wait; a request holds up nothing.

/// Has the processor fetch the cache line where a value begins, where it can be told to. Changes nothing else.
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 has the instruction, it reads nothing that a program could see, and it cannot fault at
        // any address; this one is that of a live value.
        #[allow(unsafe_code)]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
