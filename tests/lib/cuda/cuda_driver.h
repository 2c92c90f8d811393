// SPDX-License-Identifier: LGPL-2.1-or-later
// A GPU's memory through the CUDA driver, opened at run time as users' machines
// have it or not.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace support {

// Copies and waits; the test fails if the driver does.
class CudaDriver {
 public:
  // Of the first device's primary context, which runtime API code shares; none
  // where there is no device: why says the reason.
  static std::unique_ptr<CudaDriver> open(std::string* why);

  void* allocate(std::size_t bytes) const;
  void release(void* memory) const;
  void write(void* to, const void* from, std::size_t bytes) const;
  void read(void* to, const void* from, std::size_t bytes) const;  // waits

 private:
  CudaDriver() = default;

  template <typename Function>
  Function* function(const char* name) const;
  void check(int status, const char* name) const;

  void* library_ = nullptr;
};

// An array in its memory.
template <typename T>
class CudaArray {
 public:
  CudaArray(const CudaDriver& driver, std::size_t count)
      : driver_(driver),
        count_(count),
        data_(static_cast<T*>(driver.allocate(count * sizeof(T)))) {}
  CudaArray(const CudaDriver& driver, const std::vector<T>& from)
      : CudaArray(driver, from.size()) {
    driver.write(data_, from.data(), from.size() * sizeof(T));
  }
  ~CudaArray() { driver_.release(data_); }
  CudaArray(const CudaArray&) = delete;
  CudaArray& operator=(const CudaArray&) = delete;

  T* data() const { return data_; }
  std::vector<T> read() const {
    std::vector<T> to(count_);
    driver_.read(to.data(), data_, count_ * sizeof(T));
    return to;
  }

 private:
  const CudaDriver& driver_;
  const std::size_t count_;
  T* const data_;
};

}  // namespace support
