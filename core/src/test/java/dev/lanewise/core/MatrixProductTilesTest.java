package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.MatrixProduct.Tiles;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.Gemm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How products are cut for threads. */
class MatrixProductTilesTest {
    private static final Gemm KERNEL = Operands.KERNELS.gemm();

    private static Tiles tiles(long m, long n, long k, boolean copiesA, boolean copiesB) {
        return Tiles.of(m, n, m * n * k, copiesA, copiesB);
    }

    @Test
    void tilesCoverTheResultOnceInWholeMicroTiles() {
        Property.check(
                2000,
                draw -> {
                    long m = draw.between(1, 3000);
                    long n = draw.between(1, 3000);
                    Tiles tiles = tiles(m, n, draw.between(1, 3000), draw.flip(), draw.flip());
                    checkCuts(m, KERNEL.tileRows(), tiles.down(), tiles::row, tiles.mostRows());
                    checkCuts(
                            n,
                            KERNEL.tileColumns(),
                            tiles.across(),
                            tiles::column,
                            tiles.mostColumns());
                });
    }

    private interface Cut {
        long at(long number);
    }

    private static void checkCuts(long size, int unit, long parts, Cut cut, long most) {
        assertThat(cut.at(0)).isZero();
        assertThat(cut.at(parts)).isEqualTo(size);
        for (long i = 0; i < parts; i++) {
            assertThat(cut.at(i) % unit).isZero();
            // One row or column of a larger product would go another way, with other bits.
            assertThat(cut.at(i + 1) - cut.at(i)).isBetween(Math.min(size, unit), most);
        }
    }

    @ParameterizedTest
    @CsvSource({"64,64,64", "1,768,768", "100,100,100", "1000,10,100", "16,16,4000"})
    void smallProductsAreNotCut(long m, long n, long k) {
        for (int layout = 0; layout < 4; layout++) {
            assertThat(tiles(m, n, k, layout > 1, layout % 2 > 0).count()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"256,256,256", "1024,1024,1024", "128,768,3072", "16,3072,768", "4096,64,256"})
    void largeProductsHaveTilesForSeveralThreads(long m, long n, long k) {
        for (int layout = 0; layout < 4; layout++) {
            Tiles tiles = tiles(m, n, k, layout > 1, layout % 2 > 0);
            assertThat(tiles.count()).as("%s", tiles).isBetween(2L, 64L);
        }
    }
}
