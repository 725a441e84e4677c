package dev.lanewise.bench.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST_LAYER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_LAYER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS_ITER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS_LAYER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import dev.lanewise.bench.work.RecurrentWork;
import dev.lanewise.bench.work.Work;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.rnn_direction;
import org.bytedeco.dnnl.lbr_gru_forward;
import org.bytedeco.dnnl.lstm_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.rnn_primitive_desc_base;
import org.bytedeco.dnnl.stream;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A recurrent layer by oneDNN: LSTM, or GRU with linear-before-reset, weights reordered to the
 * layout that the primitive likes before the call.
 */
final class OneDnnRecurrent {
    private final RecurrentWork work;
    private final engine cpu;
    private final stream queue;
    private final List<Object> alive;
    private final Arena arena;

    OneDnnRecurrent(RecurrentWork work, engine cpu, stream queue, List<Object> alive, Arena arena) {
        this.work = work;
        this.cpu = cpu;
        this.queue = queue;
        this.alive = alive;
        this.arena = arena;
    }

    Runnable prepare(Work.Data data) {
        boolean lstm = work.cell() == RecurrentWork.Cell.LSTM;
        long gates = lstm ? 4 : 3;
        long hidden = work.hidden();
        memory.desc x = sequence(work.features());
        memory.desc out = sequence(work.hidden());
        memory.desc none = keep(new memory.desc());
        memory.desc layer = any(1, 1, work.features(), gates, hidden);
        memory.desc iter = any(1, 1, hidden, gates, hidden);
        memory.desc bias = desc(memory.format_tag.ldgo, 1, 1, 4, hidden);
        rnn_primitive_desc_base description;
        primitive primitive;
        if (lstm) {
            var chosen =
                    keep(
                            new lstm_forward.primitive_desc(
                                    cpu,
                                    prop_kind.forward_inference,
                                    rnn_direction.unidirectional_left2right,
                                    x,
                                    none,
                                    none,
                                    layer,
                                    iter,
                                    bias,
                                    out,
                                    none,
                                    none));
            description = chosen;
            primitive = keep(new lstm_forward(chosen));
        } else {
            var chosen =
                    keep(
                            new lbr_gru_forward.primitive_desc(
                                    cpu,
                                    prop_kind.forward_inference,
                                    rnn_direction.unidirectional_left2right,
                                    x,
                                    none,
                                    layer,
                                    iter,
                                    bias,
                                    out,
                                    none));
            description = chosen;
            primitive = keep(new lbr_gru_forward(chosen));
        }
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(DNNL_ARG_SRC_LAYER, wrap(x, data.a()));
        arguments.put(DNNL_ARG_DST_LAYER, wrap(out, data.out()));
        arguments.put(
                DNNL_ARG_WEIGHTS_LAYER,
                weights(data.b(), 0, work.features(), gates, description.weights_layer_desc()));
        arguments.put(
                DNNL_ARG_WEIGHTS_ITER,
                weights(data.b(), work.weightHh(), hidden, gates, description.weights_iter_desc()));
        arguments.put(DNNL_ARG_BIAS, wrap(bias, biases(data.b(), lstm)));
        arguments.put(
                DNNL_ARG_WORKSPACE, keep(new memory(keep(description.workspace_desc()), cpu)));
        return () -> {
            primitive.execute(queue, arguments);
            queue._wait();
        };
    }

    /** The weight [gates · hidden, columns] at an offset; for GRU z comes before r here. */
    private memory weights(
            MemorySegment all, long offset, long columns, long gates, memory.desc wanted) {
        long gate = work.hidden() * columns;
        MemorySegment ordered = arena.allocate(4 * gates * gate + 64, 64);
        for (int g = 0; g < gates; g++) {
            int from = gates == 3 && g < 2 ? 1 - g : g;
            MemorySegment.copy(all, 4 * (offset + from * gate), ordered, 4 * g * gate, 4 * gate);
        }
        memory given =
                wrap(desc(memory.format_tag.ldgoi, 1, 1, columns, gates, work.hidden()), ordered);
        memory result = keep(new memory(keep(wanted), cpu));
        new reorder(given, result).execute(queue, given, result);
        queue._wait();
        return result;
    }

    /** LSTM: the sum of both biases. GRU: the sums of z and r, then the two of n. */
    private MemorySegment biases(MemorySegment all, boolean lstm) {
        int hidden = work.hidden();
        MemorySegment result = arena.allocate(16L * hidden + 64, 64);
        for (int i = 0; i < 4 * hidden; i++) {
            int gate = i / hidden;
            int from = lstm || gate > 1 ? i : i % hidden + (1 - gate) * hidden;
            float value;
            if (lstm || gate < 2) {
                value = bias(all, from) + bias(all, work.units() + from);
            } else {
                value = gate == 2 ? bias(all, i) : bias(all, work.units() + i - hidden);
            }
            result.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
        return result;
    }

    private float bias(MemorySegment all, long i) {
        return all.getAtIndex(ValueLayout.JAVA_FLOAT, work.biasIh() + i);
    }

    private memory.desc sequence(long columns) {
        return desc(memory.format_tag.tnc, work.steps(), work.batch(), columns);
    }

    private memory.desc any(long... sizes) {
        return desc(memory.format_tag.any, sizes);
    }

    private memory.desc desc(memory.format_tag tag, long... sizes) {
        return keep(new memory.desc(sizes, memory.data_type.f32, tag));
    }

    private memory wrap(memory.desc layout, MemorySegment data) {
        return keep(new memory(layout, cpu, keep(NativePointer.of(data))));
    }

    private <T> T keep(T object) {
        alive.add(object);
        return object;
    }
}
