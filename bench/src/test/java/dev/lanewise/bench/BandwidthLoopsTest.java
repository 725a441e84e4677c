package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A loop that leaves data out would raise the limits. */
class BandwidthLoopsTest {
    private static final int PART = 512;

    @Test
    void loopsMoveAllTheData() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(4 * 3 * PART, 64);
            MemorySegment two = data.asSlice(0, 4 * 2 * PART);

            set(data, 1);
            BandwidthLoops.add(data, data.byteSize());
            assertThat(part(data, 2)).containsOnly(2).hasSize(PART);

            set(two, 1);
            BandwidthLoops.update(two, two.byteSize());
            assertThat(part(data, 0)).containsOnly(1);
            assertThat(part(data, 1)).containsOnly(2);

            BandwidthLoops.copy(two, two.byteSize());
            assertThat(part(data, 1)).containsOnly(1);

            set(data.asSlice(0, 4 * PART), 3);
            BandwidthLoops.copyByJdk(two, two.byteSize());
            assertThat(part(data, 1)).containsOnly(3);
            assertThat(part(data, 2)).containsOnly(2);

            float lanes = BandwidthLoops.read(two, two.byteSize()); // of one of them the sum
            assertThat((2 * PART * 3) % lanes).isZero();
            assertThat(BandwidthLoops.read(data, 4 * PART)).isEqualTo(lanes / 2);
        }
    }

    private static void set(MemorySegment data, float value) {
        for (long i = 0; i < data.byteSize() / 4; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
    }

    private static float[] part(MemorySegment data, int index) {
        return data.asSlice(4L * PART * index, 4 * PART).toArray(ValueLayout.JAVA_FLOAT);
    }
}
