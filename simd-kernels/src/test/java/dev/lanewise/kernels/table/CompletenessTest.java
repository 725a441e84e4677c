package dev.lanewise.kernels.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Kernels;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Every kernel has a row, every row a kernel, and every slot of both bundles is filled. */
class CompletenessTest {
    /** The general forms of kernels whose rows have the names of what they compute. */
    private static final Set<String> GENERAL = Set.of("convolution.run", "convolution.runPacked");

    @Test
    void everyKernelHasARow() {
        Set<String> rows =
                KernelTable.rows().stream()
                        .map(row -> row.family() + "." + row.method())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> missing = kernels();
        missing.removeAll(rows);
        assertThat(missing).as("kernels without a row").isEmpty();
        rows.removeAll(kernels());
        assertThat(rows).as("rows without a kernel").isEmpty();
    }

    @Test
    void rowIdsAreUnique() {
        assertThat(KernelTable.rows().stream().map(KernelRow::id)).doesNotHaveDuplicates();
    }

    @Test
    void everySlotIsFilled() throws ReflectiveOperationException {
        for (Kernels bundle : new Kernels[] {Kernels.scalar(), Kernels.active()}) {
            for (RecordComponent component : Kernels.class.getRecordComponents()) {
                assertThat(component.getAccessor().invoke(bundle))
                        .as("%s of %s", component.getName(), bundle.backend())
                        .isNotNull();
            }
        }
    }

    /** {@code family.method} of every method that takes a segment: the others tell sizes. */
    private static Set<String> kernels() {
        Set<String> names = new TreeSet<>();
        for (RecordComponent family : Kernels.class.getRecordComponents()) {
            for (Method method : family.getType().getMethods()) {
                if (Arrays.asList(method.getParameterTypes()).contains(MemorySegment.class)) {
                    names.add(family.getName() + "." + method.getName());
                }
            }
        }
        names.removeAll(GENERAL);
        return names;
    }
}
